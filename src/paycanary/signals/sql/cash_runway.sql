-- Question: for how many months do cash and short-term investments pay for a loss like last year's?
-- Rule: criteria/money.yaml, cash_runway: money / (operating loss of the newest fiscal year / 12).
-- Good without a measure: the newest fiscal year closed without an operating loss, so nothing is being burnt.
-- Unknown: no row when the operating result of the newest fiscal year is not filed, or it is a loss and the newest balance
-- sheet shows no cash in the same currency. Where it shows no short-term investments, the cash alone is taken and is the
-- only balance among the figures.
-- Figures: the operating result, and the balances it is held against.
SELECT
    company_id,
    CASE
        WHEN profit >= 0 THEN 'good'
        WHEN 12 * money < -profit * $danger_months THEN 'danger'
        WHEN 12 * money < -profit * $watch_months THEN 'watch'
        ELSE 'good'
    END AS level,
    CASE WHEN profit < 0 THEN 12 * money / -profit END AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    concept,
    value,
    CAST(NULL AS VARCHAR) AS text,
    unit,
    period_end,
    row_id
FROM (
    SELECT
        *,
        MAX(CASE WHEN concept = 'operating_profit' THEN value END) OVER (PARTITION BY company_id, unit) AS profit,
        MAX(CASE WHEN concept = 'cash' THEN value END) OVER (PARTITION BY company_id, unit)
        + COALESCE(MAX(CASE WHEN concept = 'short_term_investments' THEN value END) OVER (PARTITION BY company_id, unit), 0)
            AS money
    FROM (
        SELECT company_id, concept, value, unit, period_end, row_id
        FROM latest
        WHERE concept IN ('cash', 'short_term_investments')
        UNION ALL
        SELECT company_id, concept, value, unit, period_end, row_id
        FROM annual
        WHERE concept = 'operating_profit' AND year_rank = 0
    ) AS rows_needed
) AS judged
WHERE profit >= 0 OR (profit < 0 AND money IS NOT NULL)
