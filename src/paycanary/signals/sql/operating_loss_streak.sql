-- Question: for how many fiscal years running has the company made an operating loss, newest year first?
-- Rule: criteria/money.yaml, operating_loss_streak. KOSDAQ put companies with four such years under administration from
-- fiscal 2008 until 2022-12-12; since then no rule is in force and paycanary keeps the number as its own.
-- Unknown: the operating result of the newest fiscal year is not filed. A year that is missing ends the streak; it is never jumped
-- over, so the count says "at least".
-- Figures: every year of the streak and the year before it; without a streak the newest three years.
SELECT
    company_id,
    CASE
        WHEN streak >= $danger_years THEN 'danger'
        WHEN streak >= $watch_years THEN 'watch'
        ELSE 'good'
    END AS level,
    CAST(streak AS DOUBLE) AS measure,
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
        SUM(CASE WHEN losses = year_rank + 1 THEN 1 ELSE 0 END) OVER (PARTITION BY company_id) AS streak,
        MIN(year_rank) OVER (PARTITION BY company_id) AS newest
    FROM (
        -- Losses up to and including this year: as many as years have passed only if none is missing or positive.
        SELECT
            *,
            SUM(CASE WHEN value < 0 THEN 1 ELSE 0 END) OVER (PARTITION BY company_id ORDER BY year_rank) AS losses
        FROM annual
        WHERE concept = 'operating_profit' AND value IS NOT NULL
    ) AS years
) AS counted
WHERE newest = 0 AND year_rank <= CASE WHEN streak = 0 THEN 2 ELSE streak END
