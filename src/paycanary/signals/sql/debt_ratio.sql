-- Question: how large are the debts against the company's own capital, in percent?
-- Rule: criteria/money.yaml, debt_ratio; customary bands, no authority sets them. Finance and construction are excepted.
-- Unknown: not_applicable for finance and construction; not_computable when equity is zero or below (full_impairment
-- speaks then); no row when total liabilities and equity are not both in the newest balance sheet.
-- Figures: total liabilities and equity of the newest balance.
SELECT
    scope.company_id,
    CASE
        WHEN scope.sector IN ('finance', 'construction') OR pair.equity <= 0 THEN 'unknown'
        WHEN 100 * pair.liabilities >= pair.equity * $danger_percent THEN 'danger'
        WHEN 100 * pair.liabilities >= pair.equity * $watch_percent THEN 'watch'
        ELSE 'good'
    END AS level,
    CASE
        WHEN scope.sector IN ('finance', 'construction') OR pair.equity <= 0 THEN NULL
        ELSE 100 * pair.liabilities / pair.equity
    END AS measure,
    CASE
        WHEN scope.sector IN ('finance', 'construction') THEN 'not_applicable'
        WHEN pair.equity <= 0 THEN 'not_computable'
    END AS reason,
    pair.concept,
    pair.value,
    CAST(NULL AS VARCHAR) AS text,
    pair.unit,
    pair.period_end,
    pair.row_id
FROM scope
LEFT JOIN (
    SELECT
        one.company_id, one.concept, one.value, one.unit, one.period_end, one.row_id,
        CASE WHEN one.concept = 'equity' THEN other.value ELSE one.value END AS liabilities,
        CASE WHEN one.concept = 'equity' THEN one.value ELSE other.value END AS equity
    FROM latest AS one
    INNER JOIN latest AS other ON other.company_id = one.company_id AND other.unit = one.unit AND other.concept <> one.concept
    WHERE
        one.concept IN ('total_liabilities', 'equity') AND one.value IS NOT NULL
        AND other.concept IN ('total_liabilities', 'equity') AND other.value IS NOT NULL
) AS pair ON pair.company_id = scope.company_id
WHERE scope.sector IN ('finance', 'construction') OR pair.company_id IS NOT NULL
