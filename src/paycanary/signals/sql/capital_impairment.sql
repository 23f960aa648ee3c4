-- Question: how much of the share capital have losses eaten, in percent? (share capital - equity) / share capital, at least 0.
-- Rule: criteria/money.yaml, capital_impairment: from 50 % at a fiscal year's end the exchange puts a company under
-- administration. Asked here of the newest balance, interim ones included; the exchange leaves minority interests out of
-- equity, the filed total may hold them.
-- Unknown: not_computable when equity is zero or below (full_impairment speaks then) or there is no share capital above
-- zero; no row when share capital and equity are not both in the newest balance sheet.
-- Figures: share capital and equity of the newest balance.
SELECT
    company_id,
    CASE
        WHEN capital <= 0 OR equity <= 0 THEN 'unknown'
        WHEN 100 * (capital - equity) >= capital * $danger_percent THEN 'danger'
        WHEN 100 * (capital - equity) > capital * $watch_percent THEN 'watch'
        ELSE 'good'
    END AS level,
    CASE WHEN capital > 0 AND equity > 0 THEN GREATEST(0, 100 * (capital - equity) / capital) END AS measure,
    CASE WHEN capital <= 0 OR equity <= 0 THEN 'not_computable' END AS reason,
    concept,
    value,
    CAST(NULL AS VARCHAR) AS text,
    unit,
    period_end,
    row_id
FROM (
    SELECT
        one.company_id, one.concept, one.value, one.unit, one.period_end, one.row_id,
        CASE WHEN one.concept = 'share_capital' THEN one.value ELSE other.value END AS capital,
        CASE WHEN one.concept = 'share_capital' THEN other.value ELSE one.value END AS equity
    FROM latest AS one
    INNER JOIN latest AS other ON other.company_id = one.company_id AND other.unit = one.unit AND other.concept <> one.concept
    WHERE
        one.concept IN ('share_capital', 'equity') AND one.value IS NOT NULL
        AND other.concept IN ('share_capital', 'equity') AND other.value IS NOT NULL
) AS each_beside_the_other
