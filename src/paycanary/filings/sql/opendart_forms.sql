-- Table 'reports': which kind of report each filing is, and for which period. The collector's label ("4분기") counts the company's
-- fiscal quarters in some endpoints and calendar quarters in others, which differ for the one company in twenty that does not
-- close in December. View 'labelled' (corp_code, corp_name, rcept_no, report, stlm_dt, is_fiscal) holds the labels of all
-- endpoints that were read; table 'certain' the filings of fetched answers, which need no label.
CREATE OR REPLACE TEMP TABLE dated_labels AS
SELECT DISTINCT corp_code, corp_name, rcept_no, report_form(report) AS form, month_end(stlm_dt) AS period_end, is_fiscal
FROM labelled WHERE received_on(rcept_no) IS NOT NULL AND day(stlm_dt) IS NOT NULL AND rcept_no NOT IN (SELECT rcept_no FROM certain);

CREATE OR REPLACE TEMP TABLE reports AS
WITH filed AS (
    SELECT rcept_no, min(corp_code) AS corp_code, min(corp_name) AS name, max(period_end) AS period_end, min(form) AS labelled_form,
        CASE WHEN count(DISTINCT form) FILTER (is_fiscal) = 1 THEN min(form) FILTER (is_fiscal) END AS fiscal_form
    FROM dated_labels GROUP BY rcept_no
),
closings AS (
    SELECT corp_code, period_end FROM filed WHERE fiscal_form = 'annual'
    UNION
    SELECT corp_code, period_end FROM certain WHERE form = 'annual'
),
-- Most companies close every twelve months, real estate trusts every six or three.
cycles AS (
    SELECT corp_code, CASE WHEN max(months) IN (3, 6) THEN max(months) ELSE 12 END AS cycle
    FROM (SELECT corp_code, date_diff('month', lag(period_end) OVER (PARTITION BY corp_code ORDER BY period_end), period_end) AS months FROM closings)
    GROUP BY corp_code
),
anchored AS (
    SELECT f.rcept_no, coalesce(max(c.period_end) FILTER (c.period_end <= f.period_end), min(c.period_end)) AS closed_on
    FROM filed f JOIN closings c ON c.corp_code = f.corp_code GROUP BY f.rcept_no
),
placed AS (
    SELECT f.*, y.cycle, date_diff('month', a.closed_on, f.period_end) AS distance
    FROM filed f LEFT JOIN anchored a ON a.rcept_no = f.rcept_no LEFT JOIN cycles y ON y.corp_code = f.corp_code
)
SELECT rcept_no, corp_code, name, period_end,
    coalesce(fiscal_form,
        CASE WHEN distance % cycle = 0 THEN 'annual'
             WHEN cycle < 12 THEN 'half_year'
             ELSE CASE (distance % 12 + 12) % 12 WHEN 3 THEN 'quarter_1' WHEN 6 THEN 'half_year' WHEN 9 THEN 'quarter_3' END END,
        labelled_form) AS form, false AS is_certain
FROM placed
UNION ALL BY NAME
SELECT *, true AS is_certain FROM certain;
