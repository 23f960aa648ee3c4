-- Question: how large are the bonds due within a year against cash and short-term investments, in percent?
-- Rule: criteria/funding.yaml, bonds_due. Above 100 % they cannot be repaid from what is there: arithmetic, not an agreed limit.
-- Good without a measure: no bonds are outstanding.
-- Unknown: not_computable when bonds fall due and the newest balance sheet shows no cash in their currency; no row when the
-- table of bonds is not filed. Where no short-term investments are shown, the cash alone is taken. Loans and commercial
-- paper are not in this table.
-- Figures: bonds outstanding and due, and the balances they are held against.
SELECT
    company_id,
    CASE
        WHEN outstanding = 0 OR due = 0 THEN 'good'
        WHEN money IS NULL THEN 'unknown'
        WHEN 100 * due > money * $danger_percent THEN 'danger'
        WHEN 100 * due > money * $watch_percent THEN 'watch'
        ELSE 'good'
    END AS level,
    CASE WHEN outstanding = 0 THEN NULL WHEN due = 0 THEN 0 WHEN money > 0 THEN 100 * due / money END AS measure,
    CASE WHEN outstanding = 0 OR due = 0 THEN NULL WHEN money IS NULL THEN 'not_computable' END AS reason,
    concept,
    value,
    CAST(NULL AS VARCHAR) AS text,
    unit,
    period_end,
    row_id
FROM (
    SELECT
        *,
        MAX(CASE WHEN concept = 'bonds_outstanding' THEN value END) OVER (PARTITION BY company_id, unit) AS outstanding,
        MAX(CASE WHEN concept = 'bonds_due_within_1y' THEN value END) OVER (PARTITION BY company_id, unit) AS due,
        MAX(CASE WHEN concept = 'cash' THEN value END) OVER (PARTITION BY company_id, unit)
        + COALESCE(MAX(CASE WHEN concept = 'short_term_investments' THEN value END) OVER (PARTITION BY company_id, unit), 0)
            AS money
    FROM latest
    WHERE concept IN ('bonds_outstanding', 'bonds_due_within_1y', 'cash', 'short_term_investments')
) AS judged
WHERE outstanding = 0 OR due IS NOT NULL
