-- Net income of the newest five fiscal years, measured in the company's own yearly payroll: every listed company files both, so that
-- large and small ones compare. A year that is not filed is unknown, and losses of unknown years are not counted.
WITH years AS (
    SELECT company_id,
        MAX(CASE WHEN year_rank = 0 THEN value END) AS newest,
        MAX(CASE WHEN year_rank = 1 THEN value END) AS prior,
        MAX(CASE WHEN year_rank = 2 THEN value END) AS third,
        COUNT(CASE WHEN year_rank < 3 AND value < 0 THEN 1 END) AS losses_3y,
        COUNT(CASE WHEN year_rank < 5 AND value < 0 THEN 1 END) AS losses_5y
    FROM annual WHERE concept = 'net_income' AND unit = 'KRW' AND year_rank < 5 GROUP BY company_id
)
SELECT y.company_id,
    y.newest AS net_income,
    y.newest / p.payroll AS net_income_to_payroll,
    y.prior / p.payroll AS prior_net_income_to_payroll,
    (y.newest + y.prior + y.third) / p.payroll AS net_income_3y_to_payroll,
    (y.newest - y.prior) / p.payroll AS net_income_change_to_payroll,
    CAST(y.losses_3y AS DOUBLE) AS net_losses_3y,
    CAST(y.losses_5y AS DOUBLE) AS net_losses_5y
FROM years y
LEFT JOIN pay p ON p.company_id = y.company_id
