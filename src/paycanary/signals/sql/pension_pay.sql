-- Question: does the pension bill show less income per head than a year ago?
-- Rule: criteria/people.yaml, pension_pay. No body has set a number. The estimate is bill / people / contribution rate; income
-- above the ceiling is billed as the ceiling, so it is a floor, above all where a month is capped. A fall that starts at a
-- floor is at least as deep as shown. Watch at most.
-- Unknown: no row without a month 11 to 13 months before the newest; not_computable when the two differ $implausible_times
-- times or more: back payments stand in the bill.
-- Figures: income per head of both months, and income_cap = reached for a month that is capped.
WITH newest AS (
    SELECT company_id, income_per_head AS income
    FROM workplace_month
    WHERE months_ago = 0 AND income_per_head > 0
),
ordered AS (
    SELECT
        earlier.company_id,
        earlier.months_ago,
        earlier.income_per_head AS before_income,
        newest.income,
        ROW_NUMBER() OVER (PARTITION BY earlier.company_id ORDER BY ABS(earlier.months_ago - 12), earlier.months_ago) AS place
    FROM workplace_month AS earlier
    JOIN newest ON newest.company_id = earlier.company_id
    WHERE earlier.income_per_head > 0 AND earlier.months_ago BETWEEN 11 AND 13
),
compared AS (
    SELECT
        company_id,
        months_ago,
        100 * (income - before_income) / before_income AS change,
        income >= before_income * $implausible_times OR before_income >= income * $implausible_times AS is_implausible
    FROM ordered
    WHERE place = 1
),
kinds AS (
    SELECT 'income_per_head' AS concept UNION ALL SELECT 'income_cap'
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
    CASE WHEN kinds.concept = 'income_per_head' THEN figure.income_per_head END AS value,
    CASE WHEN kinds.concept = 'income_cap' THEN 'reached' END AS text,
    CASE WHEN kinds.concept = 'income_per_head' THEN 'KRW' END AS unit,
    figure.period_end,
    figure.row_id
FROM compared
JOIN workplace_month AS figure
    ON figure.company_id = compared.company_id
    AND (figure.months_ago = 0 OR figure.months_ago = compared.months_ago)
CROSS JOIN kinds
WHERE kinds.concept = 'income_per_head' OR figure.is_income_capped
