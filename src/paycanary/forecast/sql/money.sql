-- Net income a head, so that large and small companies compare: of the newest fiscal years, and of the year to date if it is newer,
-- brought to twelve months. Consolidated where that is filed, else separate; separate alone beside it, since it shows what subsidiaries
-- cost. A year that nobody filed is unknown, and losses of unknown years are not counted.
WITH years AS (
    SELECT company_id, year_rank,
        ARG_MAX(CASE WHEN basis = 'CFS' THEN value END, period_end) AS consolidated,
        ARG_MAX(CASE WHEN basis = 'OFS' THEN value END, period_end) AS separate,
        MAX(CASE WHEN concept = 'cash_dividends' AND value > 0 THEN 1 ELSE 0 END) AS dividends
    FROM incomes WHERE year_rank < 3 GROUP BY company_id, year_rank
),
annuals AS (
    SELECT company_id,
        MAX(CASE WHEN year_rank = 0 THEN COALESCE(consolidated, separate) END) AS newest,
        MAX(CASE WHEN year_rank = 1 THEN COALESCE(consolidated, separate) END) AS prior,
        MAX(CASE WHEN year_rank = 2 THEN COALESCE(consolidated, separate) END) AS third,
        MAX(CASE WHEN year_rank = 0 THEN COALESCE(separate, consolidated) END) AS separate,
        MAX(CASE WHEN year_rank = 1 THEN COALESCE(separate, consolidated) END) AS separate_prior,
        MAX(CASE WHEN year_rank = 2 THEN COALESCE(separate, consolidated) END) AS separate_third,
        COUNT(CASE WHEN COALESCE(consolidated, separate) < 0 THEN 1 END) AS losses,
        COUNT(CASE WHEN dividends = 1 THEN 1 END) AS dividend_years
    FROM years GROUP BY company_id
),
to_date AS (
    SELECT company_id, MAX(months) AS months,
        COALESCE(MAX(CASE WHEN basis = 'CFS' THEN value END), MAX(CASE WHEN basis = 'OFS' THEN value END)) AS value,
        ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY period_end DESC) AS place
    FROM incomes WHERE year_rank IS NULL GROUP BY company_id, period_end
)
SELECT z.company_id,
    a.newest AS net_income,
    a.newest / z.headcount AS net_income_per_head,
    a.prior / z.headcount AS prior_net_income_per_head,
    (a.newest + a.prior + a.third) / z.headcount AS net_income_3y_per_head,
    (a.separate + a.separate_prior + a.separate_third) / z.headcount AS separate_net_income_3y_per_head,
    CAST(a.losses AS DOUBLE) AS net_losses_3y,
    t.value * 12 / t.months / z.headcount AS interim_net_income_per_head,
    CASE WHEN t.value IS NOT NULL THEN CASE WHEN t.value < 0 THEN 1 ELSE 0 END END AS interim_net_loss,
    CAST(a.dividend_years AS DOUBLE) AS dividend_years_3y
FROM size z
LEFT JOIN annuals a ON a.company_id = z.company_id
LEFT JOIN to_date t ON t.company_id = z.company_id AND t.place = 1
