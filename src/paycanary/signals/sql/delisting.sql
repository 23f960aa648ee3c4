-- Question: was the company taken off the exchange, and why?
-- Rule: criteria/events.yaml, delisting. KRX publishes every delisting with its reason, which the lake classes. Distress (opinion,
-- impairment, default, fitness review) within $danger_months months of a company that is not listed again is danger, any other
-- distress and any reason without a class watch. A merger or full acquisition, the company's own application, a move to another
-- market, an expiry, and any other entry of a company that is listed again, are good: banks and card companies went that way.
-- The gravest entry stands, among equals the newest.
-- Measure: months since.
-- Unknown: no row without an entry: absence from a list is not safety, so it is never good.
-- Figures: the reason as published, with its day.
WITH entries AS (
    SELECT
        notice.company_id, notice.event_on, notice.months_ago, notice.row_id,
        COALESCE(notice.detail, notice.category) AS detail,
        CASE
            WHEN notice.category = 'distress' AND notice.months_ago <= $danger_months AND NOT COALESCE(scope.is_listed, FALSE) THEN 2
            WHEN notice.category = 'distress' THEN 1
            WHEN notice.category IN ('merger', 'voluntary', 'transfer', 'expiry') OR COALESCE(scope.is_listed, FALSE) THEN 0
            ELSE 1
        END AS grade
    FROM notice
    JOIN scope ON scope.company_id = notice.company_id
    WHERE notice.kind = 'delisting'
),
ordered AS (
    SELECT
        company_id, event_on, months_ago, row_id, detail, grade,
        ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY grade DESC, months_ago) AS place
    FROM entries
)
SELECT
    company_id,
    CASE grade WHEN 2 THEN 'danger' WHEN 1 THEN 'watch' ELSE 'good' END AS level,
    CAST(months_ago AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    'delisting' AS concept,
    CAST(NULL AS DOUBLE) AS value,
    detail AS text,
    CAST(NULL AS VARCHAR) AS unit,
    event_on AS period_end,
    row_id
FROM ordered
WHERE place = 1
