-- Question: has a ground of dissolution arisen?
-- Rule: criteria/events.yaml, dissolution. Danger within $danger_months months of the newest report, watch after that. A merger, after
-- which the other company owes the wages, and the end of a term that was set from the beginning (shell companies for
-- mergers, trusts) are watch.
-- Measure: months since.
-- Unknown: no row without a report: absence is never good.
-- Figures: the reason as reported, with its day.
WITH newest AS (
    SELECT
        company_id, category, event_on, months_ago, detail, row_id,
        ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY event_on DESC, row_id) AS place
    FROM notice
    WHERE kind = 'dissolution'
)
SELECT
    company_id,
    CASE WHEN months_ago <= $danger_months AND category NOT IN ('merger', 'expiry') THEN 'danger' ELSE 'watch' END AS level,
    CAST(months_ago AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    'dissolution' AS concept,
    CAST(NULL AS DOUBLE) AS value,
    COALESCE(detail, category) AS text,
    CAST(NULL AS VARCHAR) AS unit,
    event_on AS period_end,
    row_id
FROM newest
WHERE place = 1
