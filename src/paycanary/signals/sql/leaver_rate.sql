-- Question: do more people leave each month than elsewhere, while the company grows smaller?
-- Rule: criteria/people.yaml, leaver_rate. No cut-off is agreed: monthly averages by size stand in for one. Many leavers beside
-- as many joiners are no distress, so it is watch at most, and only where more left than joined over the same months.
-- Measure: leavers of the last $window_months months per 100 insured people and month.
-- Unknown: no row with fewer than $least_months months of headcount, joiners and leavers; missing is not 0.
-- Figures: headcount, joiners and leavers of every month counted.
WITH months AS (
    SELECT company_id, period_end, headcount, joiners, leavers, row_id
    FROM workplace_month
    WHERE months_ago < $window_months
        AND headcount IS NOT NULL AND joiners IS NOT NULL AND leavers IS NOT NULL
),
rates AS (
    SELECT
        company_id,
        100 * CAST(SUM(leavers) AS DOUBLE) / SUM(headcount) AS rate,
        AVG(headcount) AS persons,
        SUM(joiners) < SUM(leavers) AS is_shrinking
    FROM months
    GROUP BY company_id
    HAVING COUNT(*) >= $least_months AND SUM(headcount) > 0
),
kinds AS (
    SELECT 'headcount' AS concept UNION ALL SELECT 'joiners' UNION ALL SELECT 'leavers'
)
SELECT
    rates.company_id,
    CASE
        WHEN rates.is_shrinking
            AND rates.rate >= CASE WHEN rates.persons < $large_persons THEN $watch_rate ELSE $watch_rate_large END
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
            ELSE months.leavers
        END AS DOUBLE
    ) AS value,
    CAST(NULL AS VARCHAR) AS text,
    'persons' AS unit,
    months.period_end,
    months.row_id
FROM rates
JOIN months ON months.company_id = rates.company_id
CROSS JOIN kinds
