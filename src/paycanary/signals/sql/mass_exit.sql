-- Question: did a large part of the insured people leave within one month?
-- Rule: criteria/people.yaml, mass_exit. The Labour Standards Act makes an employer report dismissals of 10 people (up to 99
-- employees), 10 % (100 to 999) or 100 people (1,000 and more) within a month: as many leavers, from whatever cause, are
-- watch. A share of $danger_share percent of the month before is danger from $report_persons leavers on and watch from
-- $watch_persons. Only months count in which more left than joined; the month before = headcount - joiners + leavers.
-- A leaver is a pension entry that ended: payment exceptions and moves to a sister company are among them.
-- Unknown: no row without a month of the last $window_months with headcount, joiners and leavers; missing is not 0.
-- Figures: headcount, joiners and leavers of the gravest month, else of the month with the largest share.
WITH months AS (
    SELECT
        company_id, period_end, months_ago, headcount, joiners, leavers, row_id,
        headcount - joiners + leavers AS previous
    FROM workplace_month
    WHERE months_ago < $window_months
        AND headcount IS NOT NULL AND joiners IS NOT NULL AND leavers IS NOT NULL
),
shares AS (
    SELECT
        company_id, period_end, months_ago, headcount, joiners, leavers, row_id, previous,
        100 * CAST(leavers AS DOUBLE) / previous AS share
    FROM months
    WHERE previous > 0
),
judged AS (
    SELECT
        company_id, period_end, months_ago, headcount, joiners, leavers, row_id, share,
        CASE
            WHEN leavers <= joiners THEN 0
            WHEN share >= $danger_share AND leavers >= $report_persons THEN 2
            WHEN share >= $danger_share AND leavers >= $watch_persons THEN 1
            WHEN leavers >= LEAST($report_persons_most, GREATEST($report_persons, previous * $report_share / 100)) THEN 1
            ELSE 0
        END AS grade
    FROM shares
),
ordered AS (
    SELECT
        company_id, period_end, headcount, joiners, leavers, row_id, share, grade,
        ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY grade DESC, share DESC, months_ago) AS place
    FROM judged
),
kinds AS (
    SELECT 'headcount' AS concept UNION ALL SELECT 'joiners' UNION ALL SELECT 'leavers'
)
SELECT
    ordered.company_id,
    CASE ordered.grade WHEN 2 THEN 'danger' WHEN 1 THEN 'watch' ELSE 'good' END AS level,
    ordered.share AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    kinds.concept,
    CAST(
        CASE kinds.concept
            WHEN 'headcount' THEN ordered.headcount
            WHEN 'joiners' THEN ordered.joiners
            ELSE ordered.leavers
        END AS DOUBLE
    ) AS value,
    CAST(NULL AS VARCHAR) AS text,
    'persons' AS unit,
    ordered.period_end,
    ordered.row_id
FROM ordered
CROSS JOIN kinds
WHERE ordered.place = 1
