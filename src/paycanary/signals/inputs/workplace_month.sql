-- Pension months summed over the company's workplaces; construction sites are left out. A month that was published again
-- counts in its newest version. Months older than $max_age_months do not speak of today. Joiners and leavers are known only where every workplace states them.
WITH fetched AS (
    SELECT company_id, workplace, period_end, MAX(fetched_at) AS fetched_at
    FROM known_headcounts WHERE kind = 'workplace' AND NOT is_site GROUP BY company_id, workplace, period_end
),
months AS (
    SELECT h.company_id, h.period_end, SUM(h.headcount) AS headcount,
        CASE WHEN COUNT(h.joiners) = COUNT(*) THEN SUM(h.joiners) END AS joiners,
        CASE WHEN COUNT(h.leavers) = COUNT(*) THEN SUM(h.leavers) END AS leavers,
        SUM(h.billed) AS billed,
        SUM(h.income_per_head * h.headcount) / NULLIF(SUM(CASE WHEN h.income_per_head IS NOT NULL THEN h.headcount END), 0) AS income_per_head,
        MAX(CASE WHEN h.is_income_capped THEN 1 ELSE 0 END) = 1 AS is_income_capped,
        COUNT(*) AS workplaces, MAX(h.row_id) AS row_id
    FROM known_headcounts h
    JOIN fetched f ON f.company_id = h.company_id AND f.workplace = h.workplace AND f.period_end = h.period_end AND f.fetched_at = h.fetched_at
    WHERE h.kind = 'workplace' AND NOT h.is_site
    GROUP BY h.company_id, h.period_end
),
ranked AS (
    SELECT company_id, period_end, headcount, joiners, leavers, billed, income_per_head, is_income_capped, workplaces, row_id,
        CAST(ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY period_end DESC) - 1 AS INTEGER) AS rank,
        MAX(period_end) OVER (PARTITION BY company_id) AS newest
    FROM months
)
SELECT r.company_id, r.period_end, r.rank,
    CAST((YEAR(r.newest) - YEAR(r.period_end)) * 12 + MONTH(r.newest) - MONTH(r.period_end) AS INTEGER) AS months_ago,
    CAST(r.headcount AS INTEGER) AS headcount, CAST(r.joiners AS INTEGER) AS joiners, CAST(r.leavers AS INTEGER) AS leavers,
    r.billed, r.income_per_head, r.is_income_capped, CAST(r.workplaces AS INTEGER) AS workplaces, r.row_id
FROM ranked r JOIN scope s ON s.company_id = r.company_id
WHERE r.newest >= s.as_of - INTERVAL '1' MONTH * $max_age_months
