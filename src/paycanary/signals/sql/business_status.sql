-- Question: is the business open, suspended or closed, by the tax office's register?
-- Rule: criteria/events.yaml, business_status. The newest state of the company's business number stands; of two numbers asked on one
-- day the open one. Closed is danger and stays it. Suspended is danger and open is good while the asking is at most $fresh_months
-- months old; after that nothing is known of today.
-- Measure: none.
-- Unknown: no row where nobody asked; too_old where the asking is older; not_listed where the number is not registered.
-- Figures: the state on the day of asking; the day of closing where it is stated.
WITH states AS (
    SELECT
        company_id, category, event_on, months_ago, row_id,
        ROW_NUMBER() OVER (
            PARTITION BY company_id
            ORDER BY event_on DESC, CASE category WHEN 'continuing' THEN 0 WHEN 'suspended' THEN 1 WHEN 'closed' THEN 2 ELSE 3 END, row_id
        ) AS place
    FROM notice
    WHERE kind = 'business_status'
),
judged AS (
    SELECT
        company_id, category, event_on, row_id,
        CASE
            WHEN category = 'closed' THEN 'danger'
            WHEN category NOT IN ('continuing', 'suspended') THEN 'unknown'
            WHEN months_ago > $fresh_months THEN 'unknown'
            WHEN category = 'suspended' THEN 'danger'
            ELSE 'good'
        END AS level,
        CASE
            WHEN category NOT IN ('continuing', 'suspended', 'closed') THEN 'not_listed'
            WHEN category <> 'closed' AND months_ago > $fresh_months THEN 'too_old'
        END AS reason
    FROM states
    WHERE place = 1
),
closures AS (
    SELECT company_id, event_on, row_id, ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY event_on DESC, row_id) AS place
    FROM notice
    WHERE kind = 'business_closure'
)
SELECT
    company_id, level,
    CAST(NULL AS DOUBLE) AS measure,
    reason,
    'business_status' AS concept,
    CAST(NULL AS DOUBLE) AS value,
    category AS text,
    CAST(NULL AS VARCHAR) AS unit,
    event_on AS period_end,
    row_id
FROM judged
UNION ALL
SELECT
    judged.company_id, judged.level,
    CAST(NULL AS DOUBLE) AS measure,
    judged.reason,
    'business_closed_on' AS concept,
    CAST(NULL AS DOUBLE) AS value,
    'closed' AS text,
    CAST(NULL AS VARCHAR) AS unit,
    closures.event_on AS period_end,
    closures.row_id
FROM judged
JOIN closures ON closures.company_id = judged.company_id AND closures.place = 1
WHERE judged.category = 'closed'
