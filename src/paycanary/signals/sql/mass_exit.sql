-- Question: did a large part of the insured people leave within one month?
-- Rule: criteria/people.yaml, mass_exit. The Labour Standards Act makes an employer report dismissals of 10 people (up to 99
-- employees), 10 % (100 to 999) or 100 people (1,000 and more) within a month: as many leavers, from whatever cause, are
-- watch. A share of $danger_share percent of the month before is danger from $report_persons leavers on and watch from
-- $watch_persons. Only months count in which more left than joined; the month before = headcount - joiners + leavers.
-- A leaver is a pension entry that ended: payment exceptions and moves to a sister company are among them. Danger is therefore
-- judged without those who left with a workplace that left the scheme in that month (closed, merged, sold: whether the company
-- still stands is asked by pension_report_age), and without those who perhaps moved to another company (moved_month). Where about the same part left in the same month of the year before and the company was back at
-- $season_back percent of its people, it is the season.
-- Unknown: no row without a month of the last $window_months with headcount, joiners and leavers; missing is not 0.
-- Figures: headcount, joiners and leavers of the gravest month, else of the month with the largest share; what explains it.
WITH months AS (
    SELECT
        company_id, period_end, months_ago, headcount, joiners, leavers, left_by_withdrawal, row_id,
        headcount - joiners + leavers AS previous
    FROM workplace_month
    WHERE headcount IS NOT NULL AND joiners IS NOT NULL AND leavers IS NOT NULL
),
shares AS (
    SELECT
        company_id, period_end, months_ago, headcount, joiners, leavers, left_by_withdrawal, row_id, previous, share,
        CASE
            WHEN leavers <= joiners THEN 0
            WHEN share >= $danger_share AND leavers >= $report_persons THEN 2
            WHEN share >= $danger_share AND leavers >= $watch_persons THEN 1
            WHEN leavers >= LEAST($report_persons_most, GREATEST($report_persons, previous * $report_share / 100)) THEN 1
            ELSE 0
        END AS apparent
    FROM (
        SELECT
            company_id, period_end, months_ago, headcount, joiners, leavers, left_by_withdrawal, row_id, previous,
            100 * CAST(leavers AS DOUBLE) / previous AS share
        FROM months
        WHERE previous > 0 AND months_ago < $window_months
    ) AS recent
),
-- What else may stand behind it is asked of those months only that look like an exit: few in a country.
explained AS (
    SELECT
        gone.company_id, gone.period_end,
        gone.leavers - GREATEST(COALESCE(gone.left_by_withdrawal, 0), COALESCE(moves.moved, 0)) AS unexplained,
        moves.other_workplace, moves.joiners AS other_joiners, moves.row_id AS other_row_id,
        earlier.leavers AS season_leavers, earlier.period_end AS season_end, earlier.row_id AS season_row_id
    FROM shares AS gone
    LEFT JOIN months AS earlier ON earlier.company_id = gone.company_id AND earlier.months_ago = gone.months_ago + 12
        AND earlier.leavers > earlier.joiners
        AND 100 * gone.previous >= $season_back * earlier.previous
        AND 2 * earlier.leavers * gone.previous >= gone.leavers * earlier.previous
    LEFT JOIN moved_month AS moves ON moves.company_id = gone.company_id AND moves.period_end = gone.period_end
    WHERE gone.apparent > 0
),
judged AS (
    SELECT
        shares.company_id, shares.months_ago, shares.share,
        CASE
            WHEN shares.apparent = 0 OR explained.season_leavers IS NOT NULL THEN 0
            WHEN 100 * explained.unexplained >= $danger_share * shares.previous AND explained.unexplained >= $report_persons THEN 2
            ELSE 1
        END AS grade
    FROM shares
    LEFT JOIN explained ON explained.company_id = shares.company_id AND explained.period_end = shares.period_end
),
-- The least of structs, field by field, as in headcount_change.sql.
least AS (
    SELECT company_id, MIN({'gravest': -grade, 'largest': -share, 'months_ago': months_ago}) AS month
    FROM judged
    GROUP BY company_id
),
chosen AS (
    SELECT company_id, -month.gravest AS grade, month.months_ago AS months_ago
    FROM least
),
told AS (
    SELECT
        shares.company_id, shares.period_end, shares.headcount, shares.joiners, shares.leavers, shares.row_id, shares.share, chosen.grade,
        shares.left_by_withdrawal, explained.other_workplace, explained.other_joiners, explained.other_row_id, explained.season_leavers,
        explained.season_end, explained.season_row_id
    FROM chosen
    JOIN shares ON shares.company_id = chosen.company_id AND shares.months_ago = chosen.months_ago
    LEFT JOIN explained ON explained.company_id = shares.company_id AND explained.period_end = shares.period_end
),
kinds AS (
    SELECT 'headcount' AS concept UNION ALL SELECT 'joiners' UNION ALL SELECT 'leavers' UNION ALL SELECT 'left_by_withdrawal'
    UNION ALL SELECT 'moved_to' UNION ALL SELECT 'moved_joiners' UNION ALL SELECT 'season_leavers'
),
figures AS (
    SELECT
        told.company_id, told.grade, told.share, kinds.concept,
        CASE kinds.concept
            WHEN 'headcount' THEN told.headcount
            WHEN 'joiners' THEN told.joiners
            WHEN 'leavers' THEN told.leavers
            WHEN 'left_by_withdrawal' THEN NULLIF(told.left_by_withdrawal, 0)
            WHEN 'moved_joiners' THEN told.other_joiners
            WHEN 'season_leavers' THEN told.season_leavers
        END AS value,
        CASE WHEN kinds.concept = 'moved_to' THEN told.other_workplace END AS text,
        CASE WHEN kinds.concept = 'season_leavers' THEN told.season_end ELSE told.period_end END AS period_end,
        CASE
            WHEN kinds.concept = 'season_leavers' THEN told.season_row_id
            WHEN kinds.concept IN ('moved_to', 'moved_joiners') THEN told.other_row_id
            ELSE told.row_id
        END AS row_id
    FROM told
    CROSS JOIN kinds
)
SELECT
    company_id,
    CASE grade WHEN 2 THEN 'danger' WHEN 1 THEN 'watch' ELSE 'good' END AS level,
    share AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    concept,
    CAST(value AS DOUBLE) AS value,
    text,
    CASE WHEN text IS NULL THEN 'persons' END AS unit,
    period_end,
    row_id
FROM figures
WHERE value IS NOT NULL OR text IS NOT NULL
