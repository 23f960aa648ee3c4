-- The kinds of statement that auditors made beside their opinions, a row a kind: of the newest full year and of the interim
-- reports newer than it, each in the newest version of its report; kind 'none' where a report makes none that is looked for.
WITH filing AS (
    SELECT w.company_id, w.period_end, w.is_annual, w.filing_id,
        ROW_NUMBER() OVER (
            PARTITION BY w.company_id, w.period_end, w.is_annual ORDER BY MAX(w.published_on) DESC, w.filing_id DESC) AS version
    FROM known_auditor_words w JOIN scope s ON s.company_id = w.company_id
    GROUP BY w.company_id, w.period_end, w.is_annual, w.filing_id
),
audited AS (
    SELECT company_id, MAX(CASE WHEN is_annual THEN period_end END) AS audited_on, MAX(period_end) AS newest
    FROM filing GROUP BY company_id
),
graded AS (
    SELECT w.company_id, w.period_end, w.is_annual, w.kind, w.confidence, w.sentence, w.row_id,
        ROW_NUMBER() OVER (
            PARTITION BY w.company_id, w.period_end, w.is_annual, w.kind ORDER BY w.confidence DESC, w.row_id) AS choice
    FROM known_auditor_words w
    JOIN filing f ON f.company_id = w.company_id AND f.period_end = w.period_end AND f.is_annual = w.is_annual AND f.filing_id = w.filing_id
    WHERE f.version = 1
)
SELECT g.company_id, g.period_end, g.is_annual, g.kind, g.confidence, g.sentence, g.row_id
FROM graded g
JOIN audited a ON a.company_id = g.company_id
JOIN scope s ON s.company_id = g.company_id
WHERE g.choice = 1
    AND (g.period_end > a.audited_on OR (g.is_annual AND g.period_end = a.audited_on) OR a.audited_on IS NULL)
    AND a.newest >= s.as_of - INTERVAL '1' MONTH * $max_age_months
