-- Question: did a large part of the insured people leave within one month?
-- Rule: criteria/people.yaml, mass_exit. The Labour Standards Act makes an employer report dismissals of 10 people (up to 99
-- employees), 10 % (100 to 999) or 100 people (1,000 and more) within a month: as many leavers, from whatever cause, are
-- watch. A share of $danger_share percent of the month before is danger from $report_persons leavers on and watch from
-- $watch_persons. Only months count in which more left than joined; the month before = headcount - joiners + leavers.
-- A leaver is a pension entry that ended: payment exceptions and moves to a sister company are among them. Danger is therefore
-- judged without those who left with a workplace that left the scheme in that month (closed, merged, sold: whether the company
-- still stands is asked by pension_report_age), and without those who perhaps moved to one of at most $most_candidates
-- workplaces of others. Where about the same part left in the same month of the year before and the company was back at
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
moves AS (
    SELECT
        company_id, period_end, other_workplace, joiners, row_id,
        SUM(leavers) OVER (PARTITION BY company_id, period_end) AS moved,
        ROW_NUMBER() OVER (PARTITION BY company_id, period_end ORDER BY joiners DESC, row_id) AS place
    FROM workplace_move
    WHERE candidates <= $most_candidates
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
    LEFT JOIN moves ON moves.company_id = gone.company_id AND moves.period_end = gone.period_end AND moves.place = 1
    WHERE gone.apparent > 0
),
judged AS (
    SELECT
        shares.company_id, shares.period_end, shares.months_ago, shares.headcount, shares.joiners, shares.leavers, shares.row_id,
        shares.share, shares.left_by_withdrawal, explained.other_workplace, explained.other_joiners, explained.other_row_id,
        explained.season_leavers, explained.season_end, explained.season_row_id,
        CASE
            WHEN shares.apparent = 0 OR explained.season_leavers IS NOT NULL THEN 0
            WHEN 100 * explained.unexplained >= $danger_share * shares.previous AND explained.unexplained >= $report_persons THEN 2
            ELSE 1
        END AS grade
    FROM shares
    LEFT JOIN explained ON explained.company_id = shares.company_id AND explained.period_end = shares.period_end
),
ordered AS (
    SELECT
        company_id, period_end, headcount, joiners, leavers, row_id, share, grade, left_by_withdrawal, other_workplace,
        other_joiners, other_row_id, season_leavers, season_end, season_row_id,
        ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY grade DESC, share DESC, months_ago) AS place
    FROM judged
),
kinds AS (
    SELECT 'headcount' AS concept UNION ALL SELECT 'joiners' UNION ALL SELECT 'leavers' UNION ALL SELECT 'left_by_withdrawal'
    UNION ALL SELECT 'moved_to' UNION ALL SELECT 'moved_joiners' UNION ALL SELECT 'season_leavers'
),
figures AS (
    SELECT
        ordered.company_id, ordered.grade, ordered.share, kinds.concept,
        CASE kinds.concept
            WHEN 'headcount' THEN ordered.headcount
            WHEN 'joiners' THEN ordered.joiners
            WHEN 'leavers' THEN ordered.leavers
            WHEN 'left_by_withdrawal' THEN NULLIF(ordered.left_by_withdrawal, 0)
            WHEN 'moved_joiners' THEN ordered.other_joiners
            WHEN 'season_leavers' THEN ordered.season_leavers
        END AS value,
        CASE WHEN kinds.concept = 'moved_to' THEN ordered.other_workplace END AS text,
        CASE WHEN kinds.concept = 'season_leavers' THEN ordered.season_end ELSE ordered.period_end END AS period_end,
        CASE
            WHEN kinds.concept = 'season_leavers' THEN ordered.season_row_id
            WHEN kinds.concept IN ('moved_to', 'moved_joiners') THEN ordered.other_row_id
            ELSE ordered.row_id
        END AS row_id
    FROM ordered
    CROSS JOIN kinds
    WHERE ordered.place = 1
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
