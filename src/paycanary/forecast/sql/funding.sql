-- Shares sold, convertibles turned into shares, reductions, bonds. Days are counted, not rows: several allotments of one day are
-- one issue. A company that never filed a change of capital has 0 of each: its table is empty.
WITH changes AS (
    SELECT company_id,
        COUNT(DISTINCT CASE WHEN category = 'paid_in' AND months_ago < 12 THEN changed_on END) AS issues_12m,
        COUNT(DISTINCT CASE WHEN category = 'paid_in' AND months_ago < 36 THEN changed_on END) AS issues_36m,
        COUNT(DISTINCT CASE WHEN form LIKE '유상증자(제3자%' AND months_ago < 36 THEN changed_on END) AS third_party_issues_36m,
        COUNT(DISTINCT CASE WHEN form IN ('전환권행사', '신주인수권행사') AND months_ago < 12 THEN changed_on END) AS conversions_12m,
        COUNT(DISTINCT CASE WHEN form IN ('전환권행사', '신주인수권행사') AND months_ago < 36 THEN changed_on END) AS conversions_36m,
        COUNT(DISTINCT CASE WHEN form = '무상감자' AND months_ago < 36 THEN changed_on END) AS reductions_36m,
        COUNT(DISTINCT CASE WHEN form = '주식매수선택권행사' AND months_ago < 36 THEN changed_on END) AS options_exercised_36m,
        COUNT(DISTINCT CASE WHEN form IN ('무상증자', '주식배당') AND months_ago < 36 THEN changed_on END) AS bonus_issues_36m,
        SUM(CASE WHEN category = 'paid_in' AND months_ago < 36 THEN proceeds END) AS proceeds_36m,
        SUM(CASE WHEN (category = 'paid_in' OR form IN ('전환권행사', '신주인수권행사')) AND months_ago < 36 THEN shares END) AS new_shares_36m
    FROM capital_change GROUP BY company_id
),
balances AS (
    SELECT company_id,
        MAX(CASE WHEN concept = 'bonds_outstanding' THEN value END) AS bonds,
        MAX(CASE WHEN concept = 'bonds_due_within_1y' THEN value END) AS bonds_due,
        MAX(CASE WHEN concept = 'shares_outstanding' THEN value END) AS shares,
        MAX(CASE WHEN concept = 'minority_share_ratio' THEN value END) AS minority_share,
        MAX(CASE WHEN concept = 'minority_shareholders' THEN value END) AS minority_shareholders
    FROM latest GROUP BY company_id
)
SELECT s.company_id,
    CAST(COALESCE(c.issues_12m, 0) AS DOUBLE) AS issues_12m,
    CAST(COALESCE(c.issues_36m, 0) AS DOUBLE) AS issues_36m,
    CAST(COALESCE(c.third_party_issues_36m, 0) AS DOUBLE) AS third_party_issues_36m,
    CAST(COALESCE(c.conversions_12m, 0) AS DOUBLE) AS conversions_12m,
    CAST(COALESCE(c.conversions_36m, 0) AS DOUBLE) AS conversions_36m,
    CAST(COALESCE(c.reductions_36m, 0) AS DOUBLE) AS reductions_36m,
    CAST(COALESCE(c.options_exercised_36m, 0) AS DOUBLE) AS options_exercised_36m,
    CAST(COALESCE(c.bonus_issues_36m, 0) AS DOUBLE) AS bonus_issues_36m,
    COALESCE(c.proceeds_36m, 0) / z.headcount AS proceeds_36m_per_head,
    COALESCE(c.new_shares_36m, 0) / NULLIF(b.shares, 0) AS new_share_ratio_36m,
    b.bonds / z.headcount AS bonds_per_head,
    b.bonds_due / z.headcount AS bonds_due_per_head,
    b.minority_share AS minority_share,
    b.minority_shareholders AS minority_shareholders,
    b.shares * b.minority_share / NULLIF(b.minority_shareholders, 0) AS shares_per_minority_shareholder
FROM scope s
LEFT JOIN changes c ON c.company_id = s.company_id
LEFT JOIN balances b ON b.company_id = s.company_id
LEFT JOIN size z ON z.company_id = s.company_id
