-- Question: how much of what falls due within a year do the assets that turn into money within a year cover, in percent?
-- Rule: criteria/money.yaml, current_ratio; customary bands, no authority sets them, and they differ by trade.
-- Unknown: not_computable when there are no current liabilities; no row when current assets and current liabilities are not
-- both in the newest balance sheet (finance companies do not tell current from other).
-- Figures: current assets and current liabilities of the newest balance.
SELECT
    company_id,
    CASE
        WHEN liabilities <= 0 THEN 'unknown'
        WHEN 100 * assets <= liabilities * $danger_percent THEN 'danger'
        WHEN 100 * assets <= liabilities * $watch_percent THEN 'watch'
        ELSE 'good'
    END AS level,
    CASE WHEN liabilities > 0 THEN 100 * assets / liabilities END AS measure,
    CASE WHEN liabilities <= 0 THEN 'not_computable' END AS reason,
    concept,
    value,
    CAST(NULL AS VARCHAR) AS text,
    unit,
    period_end,
    row_id
FROM (
    SELECT
        *,
        MAX(CASE WHEN concept = 'current_assets' THEN value END) OVER (PARTITION BY company_id, unit) AS assets,
        MAX(CASE WHEN concept = 'current_liabilities' THEN value END) OVER (PARTITION BY company_id, unit) AS liabilities
    FROM latest
    WHERE concept IN ('current_assets', 'current_liabilities')
) AS balance
WHERE assets IS NOT NULL AND liabilities IS NOT NULL
