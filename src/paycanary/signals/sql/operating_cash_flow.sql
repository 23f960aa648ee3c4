-- Question: for how many fiscal years running has more cash gone out through operations than came in, newest year first?
-- Rule: criteria/money.yaml, operating_cash_flow: the Bank of Korea found three such years, on average, before the defaults of
-- listed manufacturers in 1998.
-- Unknown: not_applicable for finance (lending counts as operations there); otherwise the operating cash flow of the
-- newest fiscal year is not filed. A year that is missing ends the streak; it is never jumped over.
-- Figures: every year of the streak and the year before it; without a streak the newest three years.
SELECT
    scope.company_id,
    CASE
        WHEN scope.sector = 'finance' THEN 'unknown'
        WHEN counted.streak >= $danger_years THEN 'danger'
        WHEN counted.streak >= $watch_years THEN 'watch'
        ELSE 'good'
    END AS level,
    CASE WHEN scope.sector = 'finance' THEN NULL ELSE CAST(counted.streak AS DOUBLE) END AS measure,
    CASE WHEN scope.sector = 'finance' THEN 'not_applicable' END AS reason,
    counted.concept,
    counted.value,
    CAST(NULL AS VARCHAR) AS text,
    counted.unit,
    counted.period_end,
    counted.row_id
FROM scope
LEFT JOIN (
    SELECT
        *,
        SUM(CASE WHEN outflows = year_rank + 1 THEN 1 ELSE 0 END) OVER (PARTITION BY company_id) AS streak,
        MIN(year_rank) OVER (PARTITION BY company_id) AS newest
    FROM (
        -- Outflows up to and including this year: as many as years have passed only if none is missing or positive.
        SELECT
            *,
            SUM(CASE WHEN value < 0 THEN 1 ELSE 0 END) OVER (PARTITION BY company_id ORDER BY year_rank) AS outflows
        FROM annual
        WHERE concept = 'operating_cash_flow' AND value IS NOT NULL
    ) AS years
) AS counted ON counted.company_id = scope.company_id
WHERE
    scope.sector = 'finance'
    OR (counted.newest = 0 AND counted.year_rank <= CASE WHEN counted.streak = 0 THEN 2 ELSE counted.streak END)
