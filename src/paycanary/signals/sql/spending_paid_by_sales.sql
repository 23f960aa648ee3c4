-- Question: how much of what operations cost did sales pay in the newest fiscal year, in percent? Or is the company living on
-- investors' and lenders' money?
-- Rule: criteria/funding.yaml, spending_paid_by_sales. Operating costs = revenue - operating profit. Danger is both: sales pay less
-- than $danger_percent percent, and new money came in: a positive financing cash flow or proceeds of shares in that year, or
-- paid-in shares in the last $money_months months. Where sales pay that little and no new money is known, it is watch:
-- cash_runway then says how long it lasts. There is no agreed number: the thresholds are paycanary's.
-- Unknown: not_computable when the costs are not above zero; no row when revenue and operating profit of the newest fiscal
-- year are not both filed in one currency.
-- Figures: revenue and operating profit; below the danger threshold also the financing that was found.
SELECT
    company_id,
    CASE
        WHEN costs <= 0 THEN 'unknown'
        WHEN 100 * revenue < costs * $danger_percent AND new_money > 0 THEN 'danger'
        WHEN 100 * revenue < costs * $watch_percent THEN 'watch'
        ELSE 'good'
    END AS level,
    CASE WHEN costs > 0 THEN 100 * revenue / costs END AS measure,
    CASE WHEN costs <= 0 THEN 'not_computable' END AS reason,
    concept,
    value,
    CAST(NULL AS VARCHAR) AS text,
    unit,
    period_end,
    row_id
FROM (
    SELECT *, CASE WHEN revenue_unit = profit_unit THEN revenue - profit END AS costs
    FROM (
        SELECT
            *,
            MAX(CASE WHEN concept = 'revenue' THEN value END) OVER (PARTITION BY company_id) AS revenue,
            MAX(CASE WHEN concept = 'revenue' THEN unit END) OVER (PARTITION BY company_id) AS revenue_unit,
            MAX(CASE WHEN concept = 'operating_profit' THEN value END) OVER (PARTITION BY company_id) AS profit,
            MAX(CASE WHEN concept = 'operating_profit' THEN unit END) OVER (PARTITION BY company_id) AS profit_unit,
            MAX(CASE WHEN concept NOT IN ('revenue', 'operating_profit') THEN value END) OVER (PARTITION BY company_id) AS new_money
        FROM (
            SELECT company_id, concept, value, unit, period_end, row_id
            FROM annual
            WHERE
                year_rank = 0
                AND concept IN ('revenue', 'operating_profit', 'financing_cash_flow', 'share_issue_proceeds')
            UNION ALL
            SELECT company_id, 'share_issue', proceeds, 'KRW', changed_on, row_id
            FROM capital_change
            WHERE category = 'paid_in' AND months_ago < $money_months AND proceeds > 0
        ) AS rows_needed
    ) AS side_by_side
) AS judged
WHERE
    costs IS NOT NULL
    AND (concept IN ('revenue', 'operating_profit') OR 100 * revenue < costs * $danger_percent)
