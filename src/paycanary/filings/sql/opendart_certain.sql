-- Table 'certain': filings whose kind and period need no inference. A fetched answer was asked for by report code, which counts the
-- company's own fiscal quarters; where it is the very filing that the question was about, the month is that of the filing's title.
-- View 'fetched' (corp_code, corp_name, rcept_no, report, stlm_dt, expected_filing, expected_period) holds fetched rows of all kinds.
CREATE OR REPLACE TEMP TABLE certain AS
WITH said AS (
    SELECT rcept_no, corp_code, corp_name, report_form(report) AS form, coalesce(rcept_no = expected_filing, false) AS is_expected,
        CASE WHEN rcept_no = expected_filing THEN last_day(try_cast(expected_period || '-01' AS DATE)) END AS titled_end,
        month_end(stlm_dt) AS stated_end
    FROM fetched WHERE received_on(rcept_no) IS NOT NULL AND report_form(report) <> 'other'
)
SELECT rcept_no, min(corp_code) AS corp_code, min(corp_name) AS name, coalesce(max(titled_end), max(stated_end)) AS period_end,
    coalesce(min(form) FILTER (is_expected), min(form)) AS form
FROM said GROUP BY rcept_no
HAVING coalesce(max(titled_end), max(stated_end)) IS NOT NULL AND (bool_or(is_expected) OR count(DISTINCT form) = 1);
