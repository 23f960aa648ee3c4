-- Full fiscal years and the balances at their ends, each figure in its newest known version, on one basis a company:
-- consolidated where the newest year was filed consolidated, else separate. Companies silent for $max_age_months are left out.
WITH versions AS (
    SELECT company_id, concept, basis, period_end, months, value, unit, row_id,
        ROW_NUMBER() OVER (
            PARTITION BY company_id, concept, basis, period_end, months
            -- One filing states net income to the won in its statements and in millions in its dividend table: the exact one first.
            -- The FSC's extract bears no day of its own, only ours: the filing itself goes before it.
            ORDER BY CASE WHEN source = 'fsc' THEN 1 ELSE 0 END, published_on DESC, lag, filing_id DESC, CASE WHEN value = ROUND(value / 1000000.0) * 1000000 THEN 1 ELSE 0 END, row_id) AS version
    FROM known_facts WHERE months IN (0, 12) AND concept <> 'net_income_comparative'
),
newest AS (
    SELECT company_id, MAX(period_end) AS period_end,
        MAX(CASE WHEN basis = 'CFS' THEN period_end END) AS consolidated_end
    FROM versions WHERE months = 12 AND basis IS NOT NULL GROUP BY company_id
),
chosen AS (
    SELECT n.company_id, n.period_end, CASE WHEN n.consolidated_end = n.period_end THEN 'CFS' ELSE 'OFS' END AS basis
    FROM newest n JOIN scope s ON s.company_id = n.company_id
    WHERE n.period_end >= s.as_of - INTERVAL '1' MONTH * $max_age_months
),
year_ends AS (
    SELECT DISTINCT v.company_id, v.period_end FROM versions v WHERE v.months = 12
)
SELECT v.company_id, v.concept,
    CAST(ROUND((YEAR(c.period_end) - YEAR(v.period_end)) + (MONTH(c.period_end) - MONTH(v.period_end)) / 12.0) AS INTEGER) AS year_rank,
    v.period_end, v.value, v.unit, v.row_id
FROM versions v
JOIN chosen c ON c.company_id = v.company_id
JOIN year_ends y ON y.company_id = v.company_id AND y.period_end = v.period_end
WHERE v.version = 1 AND v.basis = c.basis
