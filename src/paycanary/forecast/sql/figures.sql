-- The rows that a forecast's features stand in, by the reason that they are told with (``topic``), for companies of the universe.
WITH chosen_basis AS (
    -- Of a year's two bases the consolidated one is shown.
    SELECT *, ROW_NUMBER() OVER (
        PARTITION BY company_id, concept = 'cash_dividends', period_end, months ORDER BY CASE basis WHEN 'CFS' THEN 0 ELSE 1 END) AS choice,
        MAX(CASE WHEN year_rank IS NULL THEN period_end END) OVER (PARTITION BY company_id) AS newest_to_date
    FROM incomes
),
changes AS (
    SELECT company_id, category, form, shares, proceeds, changed_on, row_id,
        ROW_NUMBER() OVER (PARTITION BY company_id, category ORDER BY changed_on DESC, row_id) AS place
    FROM capital_change WHERE months_ago < 36
),
paid AS (
    SELECT company_id, period_end, payroll, row_id, ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY rank) AS place
    FROM listed_headcount WHERE is_annual AND payroll > 0 AND headcount > 0
)
SELECT company_id, 'net_income' AS topic, concept, value, CAST(NULL AS VARCHAR) AS text, 'KRW' AS unit, period_end, row_id
FROM chosen_basis WHERE year_rank < 3 AND concept <> 'cash_dividends' AND choice = 1
UNION ALL
SELECT company_id, 'interim_net_income', concept, value, NULL, 'KRW', period_end, row_id
FROM chosen_basis WHERE year_rank IS NULL AND period_end = newest_to_date AND choice = 1
UNION ALL
SELECT company_id, 'dividends', concept, value, NULL, 'KRW', period_end, row_id
FROM chosen_basis WHERE year_rank < 3 AND concept = 'cash_dividends' AND choice = 1 AND value > 0
UNION ALL
SELECT company_id, 'headcount', 'headcount', headcount, NULL, 'persons', period_end, row_id
FROM listed_headcount WHERE rank = 0 OR months_ago IN (12, 24)
UNION ALL
SELECT company_id, 'pay', 'payroll', payroll, NULL, 'KRW', period_end, row_id FROM paid WHERE place = 1
UNION ALL
SELECT company_id, 'audit_opinion', 'audit_opinion', NULL, opinion, NULL, period_end, row_id
FROM opinion WHERE is_annual AND rank < 3 AND opinion IS NOT NULL
UNION ALL
SELECT company_id, 'interim_review', 'audit_opinion', NULL, opinion, NULL, period_end, row_id
FROM opinion WHERE NOT is_annual AND rank = 0 AND opinion IS NOT NULL
UNION ALL
SELECT company_id, 'auditor_change', 'auditor', NULL, auditor, NULL, period_end, row_id
FROM opinion WHERE is_annual AND rank < 4 AND auditor IS NOT NULL
UNION ALL
SELECT company_id, CASE category WHEN 'paid_in' THEN 'share_issues' WHEN 'reduction' THEN 'capital_reduction' ELSE 'conversions' END,
    CASE category WHEN 'paid_in' THEN 'share_issue' WHEN 'reduction' THEN 'capital_reduction' ELSE 'conversion' END,
    CASE WHEN category = 'paid_in' THEN proceeds ELSE shares END,
    CASE WHEN CASE WHEN category = 'paid_in' THEN proceeds ELSE shares END IS NULL THEN form END,
    CASE WHEN category = 'paid_in' THEN 'KRW' ELSE 'shares' END, changed_on, row_id
FROM changes WHERE category IN ('paid_in', 'conversion', 'warrant', 'reduction') AND place <= 6
UNION ALL
SELECT company_id, 'share_issues', 'capital_change', NULL, form, NULL, changed_on, row_id
FROM changes WHERE form IN ('주식매수선택권행사', '무상증자', '주식배당') AND place <= 6
UNION ALL
SELECT company_id, 'bonds', concept, value, NULL, unit, period_end, row_id
FROM latest WHERE concept IN ('bonds_outstanding', 'bonds_due_within_1y')
UNION ALL
SELECT company_id, 'minority_shareholders', concept, value, NULL, unit, period_end, row_id
FROM latest WHERE concept IN ('minority_share_ratio', 'minority_shareholders', 'shares_outstanding')
