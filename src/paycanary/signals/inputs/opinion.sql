-- One row a period: what the auditor said, in the newest report about that very period; a later report's columns on
-- earlier years count only where the report itself is not known. Of several texts in one filing the gravest counts.
WITH graded AS (
    SELECT o.company_id, o.period_end, o.is_annual, o.opinion, o.is_going_concern, o.emphasis, o.auditor, o.row_id, o.lag, o.filing_id, o.published_on,
        CASE o.opinion WHEN 'disclaimer' THEN 0 WHEN 'adverse' THEN 1 WHEN 'qualified' THEN 2 WHEN 'unqualified' THEN 3 ELSE 4 END AS gravity
    FROM known_opinions o JOIN scope s ON s.company_id = o.company_id
),
filing AS (
    SELECT company_id, period_end, is_annual, filing_id,
        ROW_NUMBER() OVER (
            PARTITION BY company_id, period_end, is_annual
            ORDER BY CASE WHEN MIN(lag) = 0 THEN 0 ELSE 1 END, MAX(published_on) DESC, filing_id DESC) AS version
    FROM graded GROUP BY company_id, period_end, is_annual, filing_id
),
chosen AS (
    SELECT g.company_id, g.period_end, g.is_annual, g.opinion, g.emphasis, g.auditor, g.row_id,
        MAX(CASE WHEN g.is_going_concern THEN 1 ELSE 0 END) OVER (PARTITION BY g.company_id, g.period_end, g.is_annual) = 1 AS is_going_concern,
        ROW_NUMBER() OVER (
            PARTITION BY g.company_id, g.period_end, g.is_annual
            ORDER BY g.gravity, CASE WHEN g.is_going_concern THEN 0 ELSE 1 END, g.row_id) AS choice
    FROM graded g
    JOIN filing f ON f.company_id = g.company_id AND f.period_end = g.period_end AND f.is_annual = g.is_annual AND f.filing_id = g.filing_id
    WHERE f.version = 1
),
ranked AS (
    SELECT c.company_id, c.period_end, c.is_annual, c.opinion, c.is_going_concern, c.emphasis, c.auditor, c.row_id,
        CAST(ROW_NUMBER() OVER (PARTITION BY c.company_id, c.is_annual ORDER BY c.period_end DESC) - 1 AS INTEGER) AS rank,
        MAX(c.period_end) OVER (PARTITION BY c.company_id) AS newest
    FROM chosen c WHERE c.choice = 1
)
SELECT r.company_id, r.period_end, r.is_annual, r.rank, r.opinion, r.is_going_concern, r.emphasis, r.auditor, r.row_id
FROM ranked r JOIN scope s ON s.company_id = r.company_id
WHERE r.newest >= s.as_of - INTERVAL '1' MONTH * $max_age_months
