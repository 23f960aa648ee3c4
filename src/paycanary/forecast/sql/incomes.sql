-- Net income and dividends by year, as money and the figures beside a forecast read them (``incomes``): of fiscal years (year_rank 0 is the
-- newest), and of the year to date where it is newer (year_rank NULL). A year comes from its own report or a later one's columns, else
-- from interim reports that repeat it. Only amounts in won are taken.
WITH versions AS (
    SELECT company_id, concept, basis, period_end, months, value, row_id,
        ROW_NUMBER() OVER (
            PARTITION BY company_id, CASE WHEN concept = 'cash_dividends' THEN 'cash_dividends' ELSE 'net_income' END, basis, period_end, months
            ORDER BY CASE WHEN concept = 'net_income_comparative' THEN 1 ELSE 0 END, CASE WHEN source = 'fsc' THEN 1 ELSE 0 END, published_on DESC,
                lag, filing_id DESC, CASE WHEN value = ROUND(value / 1000000.0) * 1000000 THEN 1 ELSE 0 END, row_id) AS version
    FROM known_facts
    WHERE concept IN ('net_income', 'net_income_comparative', 'cash_dividends') AND unit = 'KRW' AND months IN (3, 6, 9, 12)
),
newest AS (
    SELECT v.company_id, MAX(v.period_end) AS period_end
    FROM versions v JOIN scope s ON s.company_id = v.company_id
    WHERE v.months = 12 AND v.concept <> 'cash_dividends' AND v.period_end >= s.as_of - INTERVAL '1' MONTH * $max_age_months
    GROUP BY v.company_id
)
SELECT v.company_id, v.concept, v.basis, v.period_end, v.months, v.value, v.row_id,
    CASE WHEN v.months = 12 THEN
        CAST(ROUND((YEAR(n.period_end) - YEAR(v.period_end)) + (MONTH(n.period_end) - MONTH(v.period_end)) / 12.0) AS INTEGER) END AS year_rank
FROM versions v
JOIN scope s ON s.company_id = v.company_id
LEFT JOIN newest n ON n.company_id = v.company_id
WHERE v.version = 1 AND (
    (v.months = 12 AND v.period_end <= n.period_end)
    OR (v.months < 12 AND v.concept = 'net_income' AND (n.period_end IS NULL OR v.period_end > n.period_end)
        AND v.period_end >= s.as_of - INTERVAL '12' MONTH))
