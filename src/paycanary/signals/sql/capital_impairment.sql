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
        *,
        MAX(CASE WHEN concept = 'share_capital' THEN value END) OVER (PARTITION BY company_id, unit) AS capital,
        MAX(CASE WHEN concept = 'equity' THEN value END) OVER (PARTITION BY company_id, unit) AS equity
    FROM latest
    WHERE concept IN ('share_capital', 'equity')
) AS balance
WHERE capital IS NOT NULL AND equity IS NOT NULL
