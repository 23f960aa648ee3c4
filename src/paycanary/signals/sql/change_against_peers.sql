-- Question: did the company's people grow fewer than those of companies of its kind?
-- Rule: criteria/people.yaml, change_against_peers. No body has set a number, so the company is held against companies of its trade,
-- province and size. Watch where over $judged_months months it lies among the lowest $watch_percentile of 100 and has shrunk; never
-- danger: one of twenty always lies there. Twelve months, so that a season is compared with itself.
-- Not watch where half of the loss or more perhaps moved to other companies (workplace_move): a split is no loss of that kind.
-- Measure: change of the headcount over $judged_months months, percent.
-- Unknown: no row where a month of the window is missing, the company had fewer than 10 people when it began, or fewer than
-- $least_peers companies are of its kind.
-- Figures: over 1, 3, 6 and 12 months, as far as they are there, the change and how many of 100 companies lie below; of the months judged
-- also the two headcounts, and how many companies it was held against.
WITH moved AS (
    SELECT w.company_id, SUM(m.leavers) AS moved
    FROM workplace_move AS m
    JOIN workplace_month AS w ON w.company_id = m.company_id AND w.period_end = m.period_end
    WHERE m.candidates <= $most_candidates AND w.months_ago < $judged_months
    GROUP BY w.company_id
),
judged AS (
    SELECT
        s.company_id, s.period_end, s.value, s.percentile, s.likeness, s.companies, s.newest, s.before, s.joiners, s.leavers, s.row_id,
        moved.moved,
        CASE
            WHEN 2 * moved.moved >= s.before - s.newest THEN 'good'
            WHEN s.newest < s.before AND s.percentile <= $watch_percentile THEN 'watch'
            ELSE 'good'
        END AS level
    FROM peer_standing AS s
    LEFT JOIN moved ON moved.company_id = s.company_id
    WHERE s.metric = 'change' AND s.months = $judged_months AND s.companies >= $least_peers
),
spans AS (
    SELECT s.company_id, s.months, s.value, s.percentile
    FROM peer_standing AS s
    JOIN judged ON judged.company_id = s.company_id
    WHERE s.metric = 'change' AND s.companies >= $least_peers
),
figures AS (
    SELECT
        company_id,
        CASE months WHEN 1 THEN 'change_1m' WHEN 3 THEN 'change_3m' WHEN 6 THEN 'change_6m' ELSE 'change_12m' END AS concept,
        value, CAST(NULL AS VARCHAR) AS text, 'percent' AS unit
    FROM spans
    UNION ALL
    SELECT
        company_id,
        CASE months WHEN 1 THEN 'change_rank_1m' WHEN 3 THEN 'change_rank_3m' WHEN 6 THEN 'change_rank_6m' ELSE 'change_rank_12m' END,
        percentile, CAST(NULL AS VARCHAR), 'none'
    FROM spans
    UNION ALL
    SELECT company_id, 'moved_people', CAST(moved AS DOUBLE), CAST(NULL AS VARCHAR), 'persons' FROM judged WHERE moved > 0
    UNION ALL
    SELECT company_id, 'peer_rank', percentile, CAST(NULL AS VARCHAR), 'none' FROM judged
    UNION ALL
    SELECT company_id, 'peer_companies', CAST(companies AS DOUBLE), CAST(NULL AS VARCHAR), 'firms' FROM judged
    UNION ALL
    SELECT company_id, 'peer_likeness', CAST(NULL AS DOUBLE), likeness, CAST(NULL AS VARCHAR) FROM judged
    UNION ALL
    SELECT company_id, 'headcount', CAST(newest AS DOUBLE), CAST(NULL AS VARCHAR), 'persons' FROM judged
    UNION ALL
    SELECT company_id, 'headcount_before', CAST(before AS DOUBLE), CAST(NULL AS VARCHAR), 'persons' FROM judged
)
SELECT
    judged.company_id,
    judged.level,
    judged.value AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    figures.concept,
    figures.value,
    figures.text,
    figures.unit,
    judged.period_end,
    judged.row_id
FROM judged
JOIN figures ON figures.company_id = judged.company_id
