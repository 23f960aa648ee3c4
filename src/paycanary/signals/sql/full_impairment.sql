-- Question: have losses eaten all of the company's own capital, so that debts exceed assets?
-- Rule: criteria/money.yaml, full_impairment: at a fiscal year's end a ground for delisting by itself. Asked here of the newest
-- balance, interim ones included.
-- Unknown: equity is not filed.
-- Figures: equity of the newest balance.
SELECT
    company_id,
    CASE WHEN value <= $danger_equity THEN 'danger' ELSE 'good' END AS level,
    CAST(NULL AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    concept,
    value,
    CAST(NULL AS VARCHAR) AS text,
    unit,
    period_end,
    row_id
FROM latest
WHERE concept = 'equity' AND value IS NOT NULL
