-- Question: does the company still stand in the newest pension month?
-- Rule: criteria/people.yaml, pension_report_age. No body has set a number. The company's last month is held against the newest
-- month that the lake holds for anybody (scope.pension_until), never against today: a late refresh accuses nobody. Watch at
-- most: companies also leave the file by a merger, by moving people to another workplace, or below 3 insured people.
-- Danger when the company's own newest month counts nobody: its workplaces have left the scheme or insure no one.
-- Unknown: no row when the company stands in no month or scope.pension_until is missing.
-- Figures: headcount of the company's newest month.
SELECT
    scope.company_id,
    CASE
        WHEN newest.headcount = 0 THEN 'danger'
        WHEN 12 * (EXTRACT(YEAR FROM scope.pension_until) - EXTRACT(YEAR FROM newest.period_end))
            + EXTRACT(MONTH FROM scope.pension_until) - EXTRACT(MONTH FROM newest.period_end) >= $watch_months THEN 'watch'
        ELSE 'good'
    END AS level,
    CAST(
        12 * (EXTRACT(YEAR FROM scope.pension_until) - EXTRACT(YEAR FROM newest.period_end))
        + EXTRACT(MONTH FROM scope.pension_until) - EXTRACT(MONTH FROM newest.period_end) AS DOUBLE
    ) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    'headcount' AS concept,
    CAST(newest.headcount AS DOUBLE) AS value,
    CAST(NULL AS VARCHAR) AS text,
    'persons' AS unit,
    newest.period_end,
    newest.row_id
FROM scope
JOIN workplace_month AS newest ON newest.company_id = scope.company_id AND newest.rank = 0
WHERE scope.pension_until IS NOT NULL AND newest.headcount IS NOT NULL
