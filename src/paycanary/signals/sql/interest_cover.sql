-- Question: for how many fiscal years running was the operating profit smaller than the interest, newest year first?
-- Rule: criteria/money.yaml, interest_cover: three years below 1 are the Bank of Korea's "marginal company" (한계기업).
-- Unknown: not_applicable for finance (interest is its cost of goods); otherwise operating profit and interest expense of the
-- newest fiscal year are not both filed in one currency. Finance costs never stand in for interest. A year that lacks
-- either ends the streak. A year without interest to pay is not a year below 1.
-- Figures: both amounts of every year of the streak and of the year before it; without a streak of the newest three years.
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
        SUM(CASE WHEN concept = 'interest_expense' AND below = year_rank + 1 THEN 1 ELSE 0 END)
            OVER (PARTITION BY company_id) AS streak,
        MIN(year_rank) OVER (PARTITION BY company_id) AS newest
    FROM (
        -- Years below 1 up to and including this one; a year's two rows are peers and see the same count.
        SELECT
            *,
            SUM(CASE WHEN concept = 'interest_expense' AND interest > 0 AND profit < interest THEN 1 ELSE 0 END)
                OVER (PARTITION BY company_id ORDER BY year_rank) AS below
        FROM (
            SELECT
                *,
                MAX(CASE WHEN concept = 'operating_profit' THEN value END)
                    OVER (PARTITION BY company_id, year_rank, unit) AS profit,
                MAX(CASE WHEN concept = 'interest_expense' THEN value END)
                    OVER (PARTITION BY company_id, year_rank, unit) AS interest
            FROM annual
            WHERE concept IN ('operating_profit', 'interest_expense')
        ) AS paired
        WHERE profit IS NOT NULL AND interest >= 0
    ) AS years
) AS counted ON counted.company_id = scope.company_id
WHERE
    scope.sector = 'finance'
    OR (counted.newest = 0 AND counted.year_rank <= CASE WHEN counted.streak = 0 THEN 2 ELSE counted.streak END)
