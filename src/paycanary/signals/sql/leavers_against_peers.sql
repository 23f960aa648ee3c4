-- Question: do more people leave the company than leave companies of its kind?
-- Rule: criteria/people.yaml, leavers_against_peers. No body has set a number, so the company is held against companies of its trade,
-- province and size. Watch where over $judged_months months it lies among the highest and has shrunk; never danger: one of twenty
-- always lies there, and many leavers beside as many joiners are no distress.
-- Not watch where half of the loss or more perhaps moved to other companies (workplace_move): a split is no loss of that kind.
-- Measure: leavers of $judged_months months per 100 people insured at a month's beginning.
-- Unknown: no row where a month of the window is missing, the company had fewer than 10 people when it began, or fewer than
-- $least_peers companies are of its kind.
-- Figures: over 1, 3, 6 and 12 months, as far as they are there, the rate and how many of 100 companies lie below; of the months judged
-- also joiners and leavers, and how many companies it was held against.
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
            WHEN s.newest < s.before AND s.percentile >= $watch_percentile THEN 'watch'
            ELSE 'good'
        END AS level
    FROM peer_standing AS s
    LEFT JOIN moved ON moved.company_id = s.company_id
    WHERE s.metric = 'exit_rate' AND s.months = $judged_months AND s.companies >= $least_peers
),
spans AS (
    SELECT s.company_id, s.months, s.value, s.percentile
    FROM peer_standing AS s
    JOIN judged ON judged.company_id = s.company_id
    WHERE s.metric = 'exit_rate' AND s.companies >= $least_peers
),
figures AS (
    SELECT
        company_id,
        CASE months WHEN 1 THEN 'exit_rate_1m' WHEN 3 THEN 'exit_rate_3m' WHEN 6 THEN 'exit_rate_6m' ELSE 'exit_rate_12m' END AS concept,
        value, CAST(NULL AS VARCHAR) AS text, 'percent' AS unit
    FROM spans
    UNION ALL
    SELECT
        company_id,
        CASE months WHEN 1 THEN 'exit_rate_rank_1m' WHEN 3 THEN 'exit_rate_rank_3m' WHEN 6 THEN 'exit_rate_rank_6m' ELSE 'exit_rate_rank_12m' END,
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
    SELECT company_id, 'window_joiners', CAST(joiners AS DOUBLE), CAST(NULL AS VARCHAR), 'persons' FROM judged
    UNION ALL
    SELECT company_id, 'window_leavers', CAST(leavers AS DOUBLE), CAST(NULL AS VARCHAR), 'persons' FROM judged
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
