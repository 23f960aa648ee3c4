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
        one.company_id, one.concept, one.value, one.unit, one.period_end, one.row_id,
        CASE WHEN one.concept = 'current_assets' THEN one.value ELSE other.value END AS assets,
        CASE WHEN one.concept = 'current_assets' THEN other.value ELSE one.value END AS liabilities
    FROM latest AS one
    INNER JOIN latest AS other ON other.company_id = one.company_id AND other.unit = one.unit AND other.concept <> one.concept
    WHERE
        one.concept IN ('current_assets', 'current_liabilities') AND one.value IS NOT NULL
        AND other.concept IN ('current_assets', 'current_liabilities') AND other.value IS NOT NULL
) AS each_beside_the_other
