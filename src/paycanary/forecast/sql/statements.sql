-- Ratios of the newest three fiscal years' statements, where statements are public: one year's, then the year before's (_1y), then _2y.
WITH sheet AS (
    SELECT company_id, year_rank,
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
    FROM annual WHERE year_rank < 3 GROUP BY company_id, year_rank
),
ratios AS (
    SELECT company_id, year_rank,
        liabilities / NULLIF(assets, 0) AS leverage,
        equity / NULLIF(share_capital, 0) AS backing,
        current_assets / NULLIF(current_liabilities, 0) AS liquidity,
        operating_profit / NULLIF(revenue, 0) AS margin,
        operating_profit / NULLIF(finance_costs, 0) AS cover,
        operating_cash_flow / NULLIF(assets, 0) AS cash,
        -- Altman (1995), for companies that are no manufacturers, without its constant.
        6.56 * (current_assets - current_liabilities) / NULLIF(assets, 0) + 3.26 * retained_earnings / NULLIF(assets, 0)
            + 6.72 * operating_profit / NULLIF(assets, 0) + 1.05 * equity / NULLIF(liabilities, 0) AS altman
    FROM sheet WHERE assets > 0
)
SELECT company_id,
    MAX(CASE WHEN year_rank = 0 THEN leverage END) AS liabilities_to_assets,
    MAX(CASE WHEN year_rank = 1 THEN leverage END) AS liabilities_to_assets_1y,
    MAX(CASE WHEN year_rank = 2 THEN leverage END) AS liabilities_to_assets_2y,
    MAX(CASE WHEN year_rank = 0 THEN backing END) AS equity_to_share_capital,
    MAX(CASE WHEN year_rank = 1 THEN backing END) AS equity_to_share_capital_1y,
    MAX(CASE WHEN year_rank = 2 THEN backing END) AS equity_to_share_capital_2y,
    MAX(CASE WHEN year_rank = 0 THEN liquidity END) AS current_ratio,
    MAX(CASE WHEN year_rank = 1 THEN liquidity END) AS current_ratio_1y,
    MAX(CASE WHEN year_rank = 2 THEN liquidity END) AS current_ratio_2y,
    MAX(CASE WHEN year_rank = 0 THEN margin END) AS operating_margin,
    MAX(CASE WHEN year_rank = 1 THEN margin END) AS operating_margin_1y,
    MAX(CASE WHEN year_rank = 2 THEN margin END) AS operating_margin_2y,
    MAX(CASE WHEN year_rank = 0 THEN cover END) AS interest_cover,
    MAX(CASE WHEN year_rank = 1 THEN cover END) AS interest_cover_1y,
    MAX(CASE WHEN year_rank = 2 THEN cover END) AS interest_cover_2y,
    MAX(CASE WHEN year_rank = 0 THEN cash END) AS operating_cash_flow_to_assets,
    MAX(CASE WHEN year_rank = 1 THEN cash END) AS operating_cash_flow_to_assets_1y,
    MAX(CASE WHEN year_rank = 2 THEN cash END) AS operating_cash_flow_to_assets_2y,
    MAX(CASE WHEN year_rank = 0 THEN altman END) AS altman_z
FROM ratios GROUP BY company_id
