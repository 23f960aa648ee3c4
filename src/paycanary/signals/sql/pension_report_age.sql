-- Question: does the company still stand in the newest pension month?
-- Rule: criteria/people.yaml, pension_report_age. No body has set a number. The company's last month is held against the newest
-- month that the lake holds for anybody (scope.pension_until), never against today: a late refresh accuses nobody. Watch at
-- most: companies also leave the file by a merger, by moving people to another workplace, or below 3 insured people.
-- Danger when the company's own newest month counts nobody: its workplaces have left the scheme or insure no one. Watch where
-- more than half of those who left then perhaps moved to another company (moved_month): a merger is no end.
-- Unknown: no row when the company stands in no month or scope.pension_until is missing.
-- Figures: headcount of the company's newest month, and where its people perhaps moved.
WITH newest AS (
    SELECT
        scope.company_id, month.headcount, month.period_end, month.row_id,
        12 * (EXTRACT(YEAR FROM scope.pension_until) - EXTRACT(YEAR FROM month.period_end))
            + EXTRACT(MONTH FROM scope.pension_until) - EXTRACT(MONTH FROM month.period_end) AS age,
        moves.other_workplace, moves.joiners AS other_joiners, moves.row_id AS other_row_id
    FROM scope
    JOIN workplace_month AS month ON month.company_id = scope.company_id AND month.months_ago = 0
    LEFT JOIN moved_month AS moves ON moves.company_id = month.company_id AND moves.period_end = month.period_end
        AND month.headcount = 0 AND 2 * moves.moved > month.leavers
    WHERE scope.pension_until IS NOT NULL AND month.headcount IS NOT NULL
),
kinds AS (
    SELECT 'headcount' AS concept UNION ALL SELECT 'moved_to' UNION ALL SELECT 'moved_joiners'
)
SELECT
    newest.company_id,
    CASE
        WHEN newest.headcount = 0 AND newest.other_workplace IS NULL THEN 'danger'
        WHEN newest.headcount = 0 OR newest.age >= $watch_months THEN 'watch'
        ELSE 'good'
    END AS level,
    CAST(newest.age AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    kinds.concept,
    CAST(CASE kinds.concept WHEN 'headcount' THEN newest.headcount WHEN 'moved_joiners' THEN newest.other_joiners END AS DOUBLE) AS value,
    CASE WHEN kinds.concept = 'moved_to' THEN newest.other_workplace END AS text,
    CASE WHEN kinds.concept <> 'moved_to' THEN 'persons' END AS unit,
    newest.period_end,
    CASE WHEN kinds.concept = 'headcount' THEN newest.row_id ELSE newest.other_row_id END AS row_id
FROM newest
CROSS JOIN kinds
WHERE kinds.concept = 'headcount' OR newest.other_workplace IS NOT NULL
