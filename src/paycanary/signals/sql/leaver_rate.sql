-- Question: do more people leave each month than elsewhere, while the company grows smaller?
-- Rule: criteria/people.yaml, leaver_rate. No cut-off is agreed: monthly averages by size stand in for one. Many leavers beside
-- as many joiners are no distress, so it is watch at most, and only where more left than joined over the same months. People who
-- perhaps moved to another company (moved_month) are not counted where that is judged: a split or a merger is no rate.
-- Measure: leavers of the last $window_months months per 100 insured people and month.
-- Unknown: no row with fewer than $least_months months of headcount, joiners and leavers; missing is not 0.
-- Figures: headcount, joiners and leavers of every month counted; people who perhaps moved in it.
WITH months AS (
    SELECT w.company_id, w.period_end, w.headcount, w.joiners, w.leavers, moves.moved, GREATEST(w.leavers - COALESCE(moves.moved, 0), 0) AS went, w.row_id
    FROM workplace_month AS w
    LEFT JOIN moved_month AS moves ON moves.company_id = w.company_id AND moves.period_end = w.period_end
    WHERE w.months_ago < $window_months
        AND w.headcount IS NOT NULL AND w.joiners IS NOT NULL AND w.leavers IS NOT NULL
),
rates AS (
    SELECT
        company_id,
        100 * CAST(SUM(leavers) AS DOUBLE) / SUM(headcount) AS rate,
        100 * CAST(SUM(went) AS DOUBLE) / SUM(headcount) AS unexplained,
        AVG(headcount) AS persons,
        SUM(joiners) < SUM(went) AS is_shrinking
    FROM months
    GROUP BY company_id
    HAVING COUNT(*) >= $least_months AND SUM(headcount) > 0
),
kinds AS (
    SELECT 'headcount' AS concept UNION ALL SELECT 'joiners' UNION ALL SELECT 'leavers' UNION ALL SELECT 'moved_people'
)
SELECT
    rates.company_id,
    CASE
        WHEN rates.is_shrinking
            AND rates.unexplained >= CASE WHEN rates.persons < $large_persons THEN $watch_rate ELSE $watch_rate_large END
            THEN 'watch'
        ELSE 'good'
    END AS level,
    rates.rate AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    kinds.concept,
    CAST(
        CASE kinds.concept
            WHEN 'headcount' THEN months.headcount
            WHEN 'joiners' THEN months.joiners
            WHEN 'leavers' THEN months.leavers
            ELSE months.moved
        END AS DOUBLE
    ) AS value,
    CAST(NULL AS VARCHAR) AS text,
    'persons' AS unit,
    months.period_end,
    months.row_id
FROM rates
JOIN months ON months.company_id = rates.company_id
CROSS JOIN kinds
WHERE kinds.concept <> 'moved_people' OR months.moved > 0
