-- Staff in periodic reports: size, change over one and two years, pay, and the share on fixed terms.
WITH staff AS (
    SELECT company_id,
        MAX(CASE WHEN rank = 0 THEN headcount END) AS newest,
        MAX(CASE WHEN months_ago = 12 THEN headcount END) AS year_before,
        MAX(CASE WHEN months_ago = 24 THEN headcount END) AS two_before,
        MAX(CASE WHEN rank = 0 THEN contract END) AS contract
    FROM listed_headcount GROUP BY company_id
),
pay AS (
    SELECT company_id, payroll, headcount,
        ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY rank) AS place
    FROM listed_headcount WHERE is_annual AND payroll > 0 AND headcount > 0
)
SELECT s.company_id,
    CASE WHEN s.newest > 0 THEN CAST(s.newest AS DOUBLE) END AS headcount,
    s.newest / CAST(NULLIF(s.year_before, 0) AS DOUBLE) AS headcount_to_year_before,
    s.newest / CAST(NULLIF(s.two_before, 0) AS DOUBLE) AS headcount_to_two_years_before,
    s.contract / CAST(NULLIF(s.newest, 0) AS DOUBLE) AS fixed_term_share,
    p.payroll / p.headcount AS pay_per_head
FROM staff s
LEFT JOIN pay p ON p.company_id = s.company_id AND p.place = 1
