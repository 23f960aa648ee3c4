-- Question: has the company applied for rehabilitation, or do its creditor banks manage it?
-- Rule: criteria/events.yaml, rehabilitation. The newest word on rehabilitation counts: an application within $danger_months months is
-- danger; an older one, and proceedings that ended or were refused, are watch. Management by creditor banks that was begun and
-- not ended is watch. The graver of both stands.
-- Measure: months since.
-- Unknown: no row without a report, or where creditor banks' management has ended: absence is never good.
-- Figures: the reason as reported, or the report's title, with its day.
WITH ordered AS (
    SELECT
        company_id, kind, category, event_on, months_ago, row_id,
        COALESCE(detail, CASE WHEN kind = 'rehabilitation' THEN category ELSE kind END) AS words,
        ROW_NUMBER() OVER (PARTITION BY company_id, kind ORDER BY event_on DESC, row_id) AS place
    FROM notice
    WHERE kind IN ('rehabilitation', 'creditor_management')
),
graded AS (
    SELECT
        company_id, event_on, months_ago, row_id, words,
        CASE WHEN kind = 'rehabilitation' AND category = 'applied' AND months_ago <= $danger_months THEN 1 ELSE 0 END AS grade
    FROM ordered
    WHERE place = 1 AND NOT (kind = 'creditor_management' AND category = 'ended')
),
chosen AS (
    SELECT
        company_id, event_on, months_ago, row_id, words, grade,
        ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY grade DESC, event_on DESC, row_id) AS place
    FROM graded
)
SELECT
    company_id,
    CASE grade WHEN 1 THEN 'danger' ELSE 'watch' END AS level,
    CAST(months_ago AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    'rehabilitation' AS concept,
    CAST(NULL AS DOUBLE) AS value,
    words AS text,
    CAST(NULL AS VARCHAR) AS unit,
    event_on AS period_end,
    row_id
FROM chosen
WHERE place = 1
