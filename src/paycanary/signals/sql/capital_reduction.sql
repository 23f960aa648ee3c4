-- Question: did the company cancel shares without paying for them (무상감자) in the last $window_months months, to cover losses?
-- Rule: criteria/funding.yaml, capital_reduction. It mends capital impairment on paper, so it says what came before it; it brings
-- no money. Companies file the cancelling of treasury shares under the same word: a reduction counts for watch only
-- where one of the newest three fiscal years closed with a net loss and, where share capital is filed, at least
-- $least_percent percent of it was cancelled. Reductions that pay shareholders (유상감자) are not counted.
-- Unknown: no row when no change of capital has ever been published for the company.
-- Figures: shares cancelled each time, net income of three years and share capital; without any, the newest change of
-- capital of any kind, which shows that the list was read.
SELECT
    company_id,
    CASE
        WHEN reductions >= $watch_reductions
            AND (worst_income IS NULL OR worst_income < 0)
            AND (capital IS NULL OR cancelled IS NULL OR 100 * cancelled >= capital * $least_percent) THEN 'watch'
        ELSE 'good'
    END AS level,
    CAST(reductions AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    concept,
    value,
    text,
    unit,
    period_end,
    row_id
FROM (
    SELECT
        *,
        MAX(nth) OVER (PARTITION BY company_id) AS reductions,
        SUM(par) OVER (PARTITION BY company_id) AS cancelled,
        MIN(CASE WHEN concept = 'net_income' THEN value END) OVER (PARTITION BY company_id) AS worst_income,
        MAX(CASE WHEN concept = 'share_capital' THEN value END) OVER (PARTITION BY company_id) AS capital,
        MAX(changed_on) OVER (PARTITION BY company_id) AS newest
    FROM (
        SELECT
            company_id, 'capital_reduction' AS concept, changed_on, shares * par_value AS par,
            DENSE_RANK() OVER (PARTITION BY company_id ORDER BY changed_on) AS nth,
            shares AS value, CASE WHEN shares IS NULL THEN form END AS text, 'shares' AS unit, changed_on AS period_end, row_id
        FROM capital_change
        WHERE category = 'reduction' AND months_ago < $window_months AND COALESCE(form, '') NOT LIKE '%유상%'
        UNION ALL
        SELECT company_id, 'capital_change', changed_on, NULL, 0, NULL, form, NULL, changed_on, row_id
        FROM capital_change
        UNION ALL
        SELECT company_id, concept, NULL, NULL, NULL, value, NULL, unit, period_end, row_id
        FROM annual
        WHERE concept = 'net_income' AND year_rank < 3
        UNION ALL
        SELECT company_id, concept, NULL, NULL, NULL, value, NULL, unit, period_end, row_id
        FROM latest
        WHERE concept = 'share_capital'
    ) AS rows_needed
) AS judged
WHERE
    (reductions > 0 AND concept <> 'capital_change')
    OR (reductions = 0 AND concept = 'capital_change' AND changed_on = newest)
