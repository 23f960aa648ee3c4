-- Question: how much did revenue change from the fiscal year before to the newest one, in percent?
-- Rule: criteria/money.yaml, revenue_trend. There is no agreed number: both thresholds are paycanary's.
-- Unknown: not_computable when the year before had no revenue above zero; no row when either year is not filed or the
-- currency changed.
-- Figures: revenue of the newest three years, or of two.
SELECT
    company_id,
    CASE
        WHEN year_before <= 0 THEN 'unknown'
        WHEN 100 * newest <= year_before * (100 + $danger_change) THEN 'danger'
        WHEN 100 * newest <= year_before * (100 + $watch_change) THEN 'watch'
        ELSE 'good'
    END AS level,
    CASE WHEN year_before > 0 THEN 100 * newest / year_before - 100 END AS measure,
    CASE WHEN year_before <= 0 THEN 'not_computable' END AS reason,
    concept,
    value,
    CAST(NULL AS VARCHAR) AS text,
    unit,
    period_end,
    row_id
FROM (
    SELECT
        *,
        MAX(CASE WHEN year_rank = 0 THEN value END) OVER (PARTITION BY company_id, unit) AS newest,
        MAX(CASE WHEN year_rank = 1 THEN value END) OVER (PARTITION BY company_id, unit) AS year_before
    FROM annual
    WHERE concept = 'revenue' AND year_rank <= 2
) AS years
WHERE newest IS NOT NULL AND year_before IS NOT NULL
