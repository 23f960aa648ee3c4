-- Question: how many months of its own payroll do the company's cash and short-term investments pay?
-- Rule: criteria/money.yaml, payroll_cover: a company that holds less than 3 to 4 months of pay and has no money coming in is
-- not safe. So too little money is danger, unless the newest fiscal year's operations brought cash in: then it is watch.
-- Payroll a month: pay of the newest annual report / 12; else employee benefits of the newest fiscal year / 12; else the
-- newest pension month's estimated income per head x insured people (a floor where people stand above the contribution
-- ceiling: the cover is then at most this).
-- Unknown: no row without cash in the newest balance sheet, or without any of the three in the same currency, the pension
-- month no further from the balance sheet than the criterion says. Where no short-term investments are shown, the cash
-- alone is taken. Consolidated cash includes what subsidiaries hold, while reported pay is the company's own.
-- Figures: the balances, the payroll they are held against, and the operating cash flow where filed.
SELECT
    company_id,
    CASE
        WHEN money < monthly * $danger_months AND (cash_flow IS NULL OR cash_flow <= 0) THEN 'danger'
        WHEN money < monthly * $watch_months THEN 'watch'
        ELSE 'good'
    END AS level,
    money / monthly AS measure,
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
        COALESCE(reported, benefits, insured) AS monthly,
        CASE WHEN reported IS NOT NULL THEN 'reported' WHEN benefits IS NOT NULL THEN 'benefits' ELSE 'insured' END AS chosen,
        12 * (YEAR(balance_day) - YEAR(insured_day)) + MONTH(balance_day) - MONTH(insured_day) AS gap
    FROM (
        SELECT
            *,
            MAX(CASE WHEN concept = 'cash' THEN value END) OVER (PARTITION BY company_id, currency)
            + COALESCE(MAX(CASE WHEN concept = 'short_term_investments' THEN value END) OVER (PARTITION BY company_id, currency), 0)
                AS money,
            MAX(CASE WHEN concept = 'cash' THEN period_end END) OVER (PARTITION BY company_id, currency) AS balance_day,
            MAX(CASE WHEN concept = 'operating_cash_flow' THEN value END) OVER (PARTITION BY company_id, currency) AS cash_flow,
            MAX(CASE WHEN origin = 'reported' THEN pay END) OVER (PARTITION BY company_id, currency) AS reported,
            MAX(CASE WHEN origin = 'benefits' THEN pay END) OVER (PARTITION BY company_id, currency) AS benefits,
            MAX(CASE WHEN origin = 'insured' THEN pay END) OVER (PARTITION BY company_id, currency) AS insured,
            MAX(CASE WHEN origin = 'insured' THEN period_end END) OVER (PARTITION BY company_id, currency) AS insured_day
        FROM (
            SELECT
                company_id, 'statement' AS origin, CAST(NULL AS DOUBLE) AS pay, unit AS currency,
                concept, value, unit, period_end, row_id
            FROM latest
            WHERE concept IN ('cash', 'short_term_investments')
            UNION ALL
            SELECT
                company_id,
                CASE WHEN concept = 'employee_benefits' THEN 'benefits' ELSE 'statement' END,
                CASE WHEN concept = 'employee_benefits' THEN value / 12 END,
                unit, concept, value, unit, period_end, row_id
            FROM annual
            WHERE year_rank = 0 AND (concept = 'operating_cash_flow' OR (concept = 'employee_benefits' AND value > 0))
            UNION ALL
            SELECT company_id, 'reported', payroll / 12, 'KRW', 'payroll', payroll, 'KRW', period_end, row_id
            FROM listed_headcount
            WHERE is_annual AND months_ago < 12 AND payroll > 0
            UNION ALL
            SELECT
                company_id, 'insured', income_per_head * headcount, 'KRW',
                'insured_pay', income_per_head * headcount, 'KRW', period_end, row_id
            FROM workplace_month
            WHERE months_ago = 0 AND income_per_head > 0 AND headcount > 0
        ) AS rows_needed
    ) AS side_by_side
) AS judged
WHERE
    money IS NOT NULL
    AND monthly IS NOT NULL
    AND (chosen <> 'insured' OR ABS(gap) <= $pension_gap_months)
    AND (origin = 'statement' OR origin = chosen)
