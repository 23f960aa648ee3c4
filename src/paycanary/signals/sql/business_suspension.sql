-- Question: has business been suspended?
-- Rule: criteria/events.yaml, business_suspension. The newest report within $window_months months: danger within $danger_months months
-- where all of the business stops, or sales of at least $danger_percent percent of the newest annual revenue do; else watch.
-- Measure: months since.
-- Unknown: no row without a report in that time: absence is never good.
-- Figures: field and reason as reported, with the day, the sales that stop and the revenue they are compared with.
WITH newest AS (
    SELECT
        company_id, category, event_on, months_ago, detail, amount, row_id,
        ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY event_on DESC, row_id) AS place
    FROM notice
    WHERE kind = 'business_suspension' AND months_ago <= $window_months
),
figures AS (
    SELECT
        company_id, 'business_suspension' AS concept, CAST(NULL AS DOUBLE) AS value, COALESCE(detail, category) AS text,
        CAST(NULL AS VARCHAR) AS unit, event_on AS period_end, row_id
    FROM newest
    WHERE place = 1
    UNION ALL
    SELECT company_id, 'suspended_sales', amount, NULL, 'KRW', event_on, row_id
    FROM newest
    WHERE place = 1 AND amount IS NOT NULL
    UNION ALL
    SELECT annual.company_id, annual.concept, annual.value, NULL, annual.unit, annual.period_end, annual.row_id
    FROM annual
    JOIN newest ON newest.company_id = annual.company_id AND newest.place = 1 AND newest.amount IS NOT NULL
    WHERE annual.concept = 'revenue' AND annual.year_rank = 0
),
judged AS (
    SELECT
        company_id, concept, value, text, unit, period_end, row_id,
        MAX(CASE WHEN concept = 'suspended_sales' THEN value END) OVER (PARTITION BY company_id) AS stopped,
        MAX(CASE WHEN concept = 'revenue' AND unit = 'KRW' THEN value END) OVER (PARTITION BY company_id) AS revenue
    FROM figures
)
SELECT
    judged.company_id,
    CASE
        WHEN newest.months_ago <= $danger_months
            AND (newest.category = 'all' OR (judged.revenue > 0 AND 100 * judged.stopped >= $danger_percent * judged.revenue)) THEN 'danger'
        ELSE 'watch'
    END AS level,
    CAST(newest.months_ago AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    judged.concept,
    judged.value,
    judged.text,
    judged.unit,
    judged.period_end,
    judged.row_id
FROM judged
JOIN newest ON newest.company_id = judged.company_id AND newest.place = 1
