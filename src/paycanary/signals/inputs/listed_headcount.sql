-- Employees in periodic reports, newest known version of each period.
WITH versions AS (
    SELECT h.company_id, h.period_end, h.headcount, h.payroll, h.regular, h.contract, h.filing_id, h.row_id,
        ROW_NUMBER() OVER (PARTITION BY h.company_id, h.period_end ORDER BY h.published_on DESC, h.filing_id DESC, h.row_id) AS version
    FROM known_headcounts h JOIN scope s ON s.company_id = h.company_id
    WHERE h.kind = 'listed'
),
ranked AS (
    SELECT v.company_id, v.period_end, v.headcount, v.payroll, v.regular, v.contract, v.filing_id, v.row_id,
        CAST(ROW_NUMBER() OVER (PARTITION BY v.company_id ORDER BY v.period_end DESC) - 1 AS INTEGER) AS rank,
        MAX(v.period_end) OVER (PARTITION BY v.company_id) AS newest
    FROM versions v WHERE v.version = 1
),
annual AS (
    SELECT DISTINCT company_id, filing_id FROM known_filings WHERE form = 'annual'
)
SELECT r.company_id, r.period_end, r.rank,
    CAST((YEAR(r.newest) - YEAR(r.period_end)) * 12 + MONTH(r.newest) - MONTH(r.period_end) AS INTEGER) AS months_ago,
    r.headcount, r.payroll, r.regular, r.contract, a.filing_id IS NOT NULL AS is_annual, r.row_id
FROM ranked r
JOIN scope s ON s.company_id = r.company_id
LEFT JOIN annual a ON a.company_id = r.company_id AND a.filing_id = r.filing_id
WHERE r.newest >= s.as_of - INTERVAL '1' MONTH * $max_age_months
