-- Question: does the exchange have the company under administration?
-- Rule: criteria/events.yaml, delisting_procedure. An issue of the newest list of issues under administration as of the day: where the
-- reason speaks of opinion, impairment, losses, default, bankruptcy, rehabilitation, missing reports or suspended business, danger; any
-- other reason, and none (KOSPI states none), watch. The gravest issue stands, among equals the newest. An issue that a later list
-- lacks is lifted.
-- Measure: months since the designation.
-- Unknown: no row without an issue: the list was read and lacks the company (not_listed), was never read (not_taken_in), or the company
-- is not listed (not_applicable).
-- Figures: the reason as published, with the day of designation.
WITH issues AS (
    SELECT
        company_id, event_on, months_ago, row_id,
        COALESCE(detail, category) AS detail,
        CASE WHEN category = 'distress' THEN 1 ELSE 0 END AS grade
    FROM notice
    WHERE kind = 'administrative_issue'
),
ordered AS (
    SELECT
        company_id, event_on, months_ago, row_id, detail, grade,
        ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY grade DESC, event_on DESC, detail) AS place
    FROM issues
)
SELECT
    company_id,
    CASE grade WHEN 1 THEN 'danger' ELSE 'watch' END AS level,
    CAST(months_ago AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    'administrative_issue' AS concept,
    CAST(NULL AS DOUBLE) AS value,
    detail AS text,
    CAST(NULL AS VARCHAR) AS unit,
    event_on AS period_end,
    row_id
FROM ordered
WHERE place = 1
