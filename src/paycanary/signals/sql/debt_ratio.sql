-- Question: how large are the debts against the company's own capital, in percent?
-- Rule: criteria/money.yaml, debt_ratio; customary bands, no authority sets them. Finance and construction are excepted.
-- Unknown: not_applicable for finance and construction; not_computable when equity is zero or below (full_impairment
-- speaks then); no row when total liabilities and equity are not both in the newest balance sheet.
-- Figures: total liabilities and equity of the newest balance.
SELECT
    scope.company_id,
    CASE
        WHEN scope.sector IN ('finance', 'construction') OR balance.equity <= 0 THEN 'unknown'
        WHEN 100 * balance.liabilities >= balance.equity * $danger_percent THEN 'danger'
        WHEN 100 * balance.liabilities >= balance.equity * $watch_percent THEN 'watch'
        ELSE 'good'
    END AS level,
    CASE
        WHEN scope.sector IN ('finance', 'construction') OR balance.equity <= 0 THEN NULL
        ELSE 100 * balance.liabilities / balance.equity
    END AS measure,
    CASE
        WHEN scope.sector IN ('finance', 'construction') THEN 'not_applicable'
        WHEN balance.equity <= 0 THEN 'not_computable'
    END AS reason,
    balance.concept,
    balance.value,
    CAST(NULL AS VARCHAR) AS text,
    balance.unit,
    balance.period_end,
    balance.row_id
FROM scope
LEFT JOIN (
    SELECT
        *,
        MAX(CASE WHEN concept = 'total_liabilities' THEN value END) OVER (PARTITION BY company_id, unit) AS liabilities,
        MAX(CASE WHEN concept = 'equity' THEN value END) OVER (PARTITION BY company_id, unit) AS equity
    FROM latest
    WHERE concept IN ('total_liabilities', 'equity')
) AS balance ON balance.company_id = scope.company_id
WHERE
    scope.sector IN ('finance', 'construction')
    OR (balance.liabilities IS NOT NULL AND balance.equity IS NOT NULL)
