-- Pension months summed over the company's workplaces; construction sites are left out. A month that was published again
-- counts in its newest version. Months older than $max_age_months do not speak of today. Joiners and leavers are known only where every workplace states them.
-- left_by_withdrawal: leavers of workplaces that left the scheme in that month.
-- A company's only row of a month stands as it is, as nearly every one does; several are summed, and only where they came at different
-- moments is gone through workplace by workplace.
WITH summed AS (
    SELECT company_id, period_end, SUM(headcount) AS headcount,
        CASE WHEN COUNT(joiners) = COUNT(*) THEN SUM(joiners) END AS joiners,
        CASE WHEN COUNT(leavers) = COUNT(*) THEN SUM(leavers) END AS leavers,
        SUM(left_by_withdrawal) AS left_by_withdrawal,
        SUM(billed) AS billed,
        SUM(income_per_head * income_heads) / NULLIF(SUM(income_heads), 0) AS income_per_head,
        MAX(CASE WHEN is_income_capped THEN 1 ELSE 0 END) = 1 AS is_income_capped,
        SUM(workplaces) AS workplaces, MAX(row_id) AS row_id, MIN(fetched_at) = MAX(fetched_at) AS is_whole
    FROM known_months
    WHERE NOT is_alone AND workplaces > 0
    GROUP BY company_id, period_end
),
-- By company alone first: asked for company and month at once, a planner may pair all workplaces of a month with all such companies.
touched AS (
    SELECT company_id, workplace, period_end, headcount, joiners, leavers, billed, income_per_head, is_income_capped, status, row_id, fetched_at
    FROM known_headcounts
    WHERE kind = 'workplace' AND NOT is_site AND company_id IN (SELECT company_id FROM summed WHERE NOT is_whole)
),
again AS (
    SELECT h.company_id, h.workplace, h.period_end, h.headcount, h.joiners, h.leavers, h.billed, h.income_per_head, h.is_income_capped, h.status, h.row_id, h.fetched_at,
        MAX(h.fetched_at) OVER (PARTITION BY h.company_id, h.workplace, h.period_end) AS newest
    FROM touched h
    JOIN summed s ON s.company_id = h.company_id AND s.period_end = h.period_end
    WHERE NOT s.is_whole
),
months AS (
    SELECT company_id, period_end, headcount, joiners, leavers, left_by_withdrawal, billed, income_per_head, is_income_capped, workplaces, row_id
    FROM known_months WHERE is_alone AND workplaces > 0
    UNION ALL
    SELECT company_id, period_end, headcount, joiners, leavers, left_by_withdrawal, billed, income_per_head, is_income_capped, workplaces, row_id
    FROM summed WHERE is_whole
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
-- No window: to sort a country's months for it costs three times as much.
newest AS (
    SELECT company_id, MAX(period_end) AS newest FROM months GROUP BY company_id
)
SELECT m.company_id, m.period_end,
    CAST((YEAR(n.newest) - YEAR(m.period_end)) * 12 + MONTH(n.newest) - MONTH(m.period_end) AS INTEGER) AS months_ago,
    CAST(m.headcount AS INTEGER) AS headcount, CAST(m.joiners AS INTEGER) AS joiners, CAST(m.leavers AS INTEGER) AS leavers,
    CAST(m.left_by_withdrawal AS INTEGER) AS left_by_withdrawal,
    m.billed, m.income_per_head, m.is_income_capped, CAST(m.workplaces AS INTEGER) AS workplaces, m.row_id
FROM months m
JOIN newest n ON n.company_id = m.company_id
JOIN scope s ON s.company_id = m.company_id
WHERE n.newest >= s.as_of - INTERVAL '1' MONTH * $max_age_months
