-- Pension months summed over the company's workplaces; construction sites are left out. A month that was published again
-- counts in its newest version. Months older than $max_age_months do not speak of today. Joiners and leavers are known only where every workplace states them.
-- left_by_withdrawal: leavers of workplaces that left the scheme in that month.
-- A month whose rows came all at once, as nearly every one has, is summed as it is; only the others are gone through workplace by workplace.
WITH at_once AS (
    SELECT company_id, period_end, SUM(headcount) AS headcount,
        CASE WHEN COUNT(joiners) = COUNT(*) THEN SUM(joiners) END AS joiners,
        CASE WHEN COUNT(leavers) = COUNT(*) THEN SUM(leavers) END AS leavers,
        SUM(CASE WHEN status = 'withdrawn' THEN leavers ELSE 0 END) AS left_by_withdrawal,
        SUM(billed) AS billed,
        SUM(income_per_head * headcount) / NULLIF(SUM(CASE WHEN income_per_head IS NOT NULL THEN headcount END), 0) AS income_per_head,
        MAX(CASE WHEN is_income_capped THEN 1 ELSE 0 END) = 1 AS is_income_capped,
        COUNT(*) AS workplaces, MAX(row_id) AS row_id, MIN(fetched_at) = MAX(fetched_at) AS is_whole
    FROM known_headcounts
    WHERE kind = 'workplace' AND NOT is_site
    GROUP BY company_id, period_end
),
again AS (
    SELECT h.company_id, h.workplace, h.period_end, h.headcount, h.joiners, h.leavers, h.billed, h.income_per_head, h.is_income_capped, h.status, h.row_id, h.fetched_at,
        MAX(h.fetched_at) OVER (PARTITION BY h.company_id, h.workplace, h.period_end) AS newest
    FROM known_headcounts h
    JOIN at_once a ON a.company_id = h.company_id AND a.period_end = h.period_end
    WHERE h.kind = 'workplace' AND NOT h.is_site AND NOT a.is_whole
),
months AS (
    SELECT company_id, period_end, headcount, joiners, leavers, left_by_withdrawal, billed, income_per_head, is_income_capped, workplaces, row_id
    FROM at_once WHERE is_whole
    UNION ALL
    SELECT company_id, period_end, SUM(headcount) AS headcount,
        CASE WHEN COUNT(joiners) = COUNT(*) THEN SUM(joiners) END AS joiners,
        CASE WHEN COUNT(leavers) = COUNT(*) THEN SUM(leavers) END AS leavers,
        SUM(CASE WHEN status = 'withdrawn' THEN leavers ELSE 0 END) AS left_by_withdrawal,
        SUM(billed) AS billed,
        SUM(income_per_head * headcount) / NULLIF(SUM(CASE WHEN income_per_head IS NOT NULL THEN headcount END), 0) AS income_per_head,
        MAX(CASE WHEN is_income_capped THEN 1 ELSE 0 END) = 1 AS is_income_capped,
        COUNT(*) AS workplaces, MAX(row_id) AS row_id
    FROM again WHERE fetched_at = newest
    GROUP BY company_id, period_end
),
ranked AS (
    SELECT company_id, period_end, headcount, joiners, leavers, left_by_withdrawal, billed, income_per_head, is_income_capped, workplaces, row_id,
        CAST(ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY period_end DESC) - 1 AS INTEGER) AS rank,
        MAX(period_end) OVER (PARTITION BY company_id) AS newest
    FROM months
)
SELECT r.company_id, r.period_end, r.rank,
    CAST((YEAR(r.newest) - YEAR(r.period_end)) * 12 + MONTH(r.newest) - MONTH(r.period_end) AS INTEGER) AS months_ago,
    CAST(r.headcount AS INTEGER) AS headcount, CAST(r.joiners AS INTEGER) AS joiners, CAST(r.leavers AS INTEGER) AS leavers,
    CAST(r.left_by_withdrawal AS INTEGER) AS left_by_withdrawal,
    r.billed, r.income_per_head, r.is_income_capped, CAST(r.workplaces AS INTEGER) AS workplaces, r.row_id
FROM ranked r JOIN scope s ON s.company_id = r.company_id
WHERE r.newest >= s.as_of - INTERVAL '1' MONTH * $max_age_months
