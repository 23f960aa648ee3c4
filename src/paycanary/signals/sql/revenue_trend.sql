-- Question: how much did revenue change from the fiscal year before to the newest one?
-- Rule: criteria/money.yaml, revenue_trend. There is no agreed number: both thresholds are paycanary's.
-- Unknown: not_computable when the year before had no revenue above zero; no row when either year is not filed or the
-- currency changed.
-- Figures: revenue of the newest three years, or of two.
SELECT
    company_id,
    CASE
        WHEN before <= 0 THEN 'unknown'
        WHEN now / before - 1 <= $danger_change / 100 THEN 'danger'
        WHEN now / before - 1 <= $watch_change / 100 THEN 'watch'
        ELSE 'good'
    END AS level,
    CASE WHEN before > 0 THEN 100 * (now / before - 1) END AS measure,
    CASE WHEN before <= 0 THEN 'not_computable' END AS reason,
    concept,
    value,
    CAST(NULL AS VARCHAR) AS text,
    unit,
    period_end,
    row_id
FROM (
    SELECT
        *,
        MAX(CASE WHEN year_rank = 0 THEN value END) OVER (PARTITION BY company_id, unit) AS now,
        MAX(CASE WHEN year_rank = 1 THEN value END) OVER (PARTITION BY company_id, unit) AS before
    FROM annual
    WHERE concept = 'revenue' AND year_rank <= 2
) AS years
WHERE now IS NOT NULL AND before IS NOT NULL
