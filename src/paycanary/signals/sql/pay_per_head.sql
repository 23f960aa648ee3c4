-- Question: does a listed company pay less per head than the year before?
-- Rule: criteria/people.yaml, pay_per_head. No body has set a number. Pay per head = payroll of the fiscal year / headcount at
-- its end, so a year in which many joined late looks cheaper than it was: watch at most.
-- Unknown: no row without two annual reports 11 to 13 months apart with payroll and headcount; not_computable when the two
-- differ $implausible_times times or more: one was filed in another unit (won, thousands, millions).
-- Figures: pay per head (computed), payroll and headcount of both years.
WITH years AS (
    SELECT company_id, period_end, months_ago, payroll, headcount, row_id, payroll / headcount AS pay
    FROM listed_headcount
    WHERE is_annual AND payroll > 0 AND headcount > 0
),
newest AS (
    SELECT company_id, MIN(months_ago) AS months_ago
    FROM years
    GROUP BY company_id
),
compared AS (
    SELECT
        newest.company_id,
        newest.months_ago,
        earlier.months_ago AS earlier_months_ago,
        100 * (latest.pay - earlier.pay) / earlier.pay AS change,
        latest.pay >= earlier.pay * $implausible_times OR earlier.pay >= latest.pay * $implausible_times AS is_implausible
    FROM newest
    JOIN years AS latest
        ON latest.company_id = newest.company_id AND latest.months_ago = newest.months_ago
    JOIN years AS earlier
        ON earlier.company_id = newest.company_id
        AND earlier.months_ago BETWEEN newest.months_ago + 11 AND newest.months_ago + 13
),
kinds AS (
    SELECT 'pay_per_head' AS concept UNION ALL SELECT 'payroll' UNION ALL SELECT 'headcount'
)
SELECT
    compared.company_id,
    CASE
        WHEN compared.is_implausible THEN 'unknown'
        WHEN compared.change <= $watch_change THEN 'watch'
        ELSE 'good'
    END AS level,
    CASE WHEN NOT compared.is_implausible THEN compared.change END AS measure,
    CASE WHEN compared.is_implausible THEN 'not_computable' END AS reason,
    kinds.concept,
    CASE kinds.concept
        WHEN 'pay_per_head' THEN years.pay
        WHEN 'payroll' THEN years.payroll
        ELSE CAST(years.headcount AS DOUBLE)
    END AS value,
    CAST(NULL AS VARCHAR) AS text,
    CASE WHEN kinds.concept = 'headcount' THEN 'persons' ELSE 'KRW' END AS unit,
    years.period_end,
    years.row_id
FROM compared
JOIN years
    ON years.company_id = compared.company_id
    AND (years.months_ago = compared.months_ago OR years.months_ago = compared.earlier_months_ago)
CROSS JOIN kinds
