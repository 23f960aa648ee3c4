-- Question: has the company defaulted on bills or cheques?
-- Rule: criteria/events.yaml, default. Listed and other reporting companies must report it as a material fact at once. Danger within
-- $danger_months months of the newest such report, watch after that.
-- Measure: months since.
-- Unknown: no row without a report: small unlisted companies report none, so absence is never good.
-- Figures: what was defaulted on as reported, with its day, and the amount where one is stated.
WITH newest AS (
    SELECT
        company_id, event_on, months_ago, detail, amount, row_id,
        ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY event_on DESC, row_id) AS place
    FROM notice
    WHERE kind = 'default'
)
SELECT
    newest.company_id,
    CASE WHEN newest.months_ago <= $danger_months THEN 'danger' ELSE 'watch' END AS level,
    CAST(newest.months_ago AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    figure.concept,
    CASE WHEN figure.concept = 'default_amount' THEN newest.amount END AS value,
    CASE WHEN figure.concept = 'default' THEN COALESCE(newest.detail, 'default') END AS text,
    CASE WHEN figure.concept = 'default_amount' THEN 'KRW' END AS unit,
    newest.event_on AS period_end,
    newest.row_id
FROM newest
CROSS JOIN (SELECT 'default' AS concept UNION ALL SELECT 'default_amount' AS concept) AS figure
WHERE newest.place = 1 AND (figure.concept = 'default' OR newest.amount IS NOT NULL)
