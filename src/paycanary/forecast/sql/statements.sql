-- Ratios of the newest fiscal year's statements, where statements are public.
WITH sheet AS (
    SELECT company_id,
        MAX(CASE WHEN concept = 'total_assets' THEN value END) AS assets,
        MAX(CASE WHEN concept = 'total_liabilities' THEN value END) AS liabilities,
        MAX(CASE WHEN concept = 'equity' THEN value END) AS equity,
        MAX(CASE WHEN concept = 'share_capital' THEN value END) AS share_capital,
        MAX(CASE WHEN concept = 'retained_earnings' THEN value END) AS retained_earnings,
        MAX(CASE WHEN concept = 'current_assets' THEN value END) AS current_assets,
        MAX(CASE WHEN concept = 'current_liabilities' THEN value END) AS current_liabilities,
        MAX(CASE WHEN concept = 'operating_profit' THEN value END) AS operating_profit,
        MAX(CASE WHEN concept = 'revenue' THEN value END) AS revenue,
        MAX(CASE WHEN concept = 'finance_costs' THEN value END) AS finance_costs,
        MAX(CASE WHEN concept = 'operating_cash_flow' THEN value END) AS operating_cash_flow
    FROM annual WHERE year_rank = 0 GROUP BY company_id
)
SELECT company_id,
    liabilities / NULLIF(assets, 0) AS liabilities_to_assets,
    equity / NULLIF(share_capital, 0) AS equity_to_share_capital,
    current_assets / NULLIF(current_liabilities, 0) AS current_ratio,
    operating_profit / NULLIF(revenue, 0) AS operating_margin,
    operating_profit / NULLIF(finance_costs, 0) AS interest_cover,
    operating_cash_flow / NULLIF(assets, 0) AS operating_cash_flow_to_assets,
    -- Altman (1995), for companies that are no manufacturers, without its constant.
    6.56 * (current_assets - current_liabilities) / NULLIF(assets, 0) + 3.26 * retained_earnings / NULLIF(assets, 0)
        + 6.72 * operating_profit / NULLIF(assets, 0) + 1.05 * equity / NULLIF(liabilities, 0) AS altman_z
FROM sheet WHERE assets > 0
