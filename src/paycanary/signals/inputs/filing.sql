-- When annual reports were first filed, and notes that a report comes late; corrections are left out, since they say nothing about
-- lateness. Rank 0 is the newest fiscal year with an annual report.
WITH firsts AS (
    SELECT f.company_id, f.form, f.period_end, f.published_on, f.row_id, s.as_of,
        ROW_NUMBER() OVER (PARTITION BY f.company_id, f.form, COALESCE(f.period_end, f.published_on) ORDER BY f.published_on, f.filing_id) AS version
    FROM known_filings f JOIN scope s ON s.company_id = f.company_id
    WHERE f.form IN ('annual_first', 'extension', 'audit_delay')
)
SELECT company_id, form, period_end, published_on,
    CAST(DATE_DIFF('day', period_end, published_on) AS INTEGER) AS days_after,
    CAST((YEAR(as_of) - YEAR(published_on)) * 12 + MONTH(as_of) - MONTH(published_on) - CASE WHEN DAY(as_of) < DAY(published_on) THEN 1 ELSE 0 END AS INTEGER) AS months_ago,
    CAST(ROW_NUMBER() OVER (PARTITION BY company_id, form ORDER BY COALESCE(period_end, published_on) DESC) - 1 AS INTEGER) AS rank,
    row_id
FROM firsts WHERE version = 1
