-- What kind of report each filing is, and for which period. The collector's label ("4분기") counts the company's fiscal quarters
-- in some endpoints and calendar quarters in others, which differ for the one company in twenty that does not close in December.
-- View 'labelled' (corp_code, rcept_no, report, stlm_dt, is_fiscal) holds the labels of all endpoints that were read.
CREATE OR REPLACE TEMP TABLE dated_labels AS
SELECT DISTINCT corp_code, rcept_no, report_form(report) AS form, day(stlm_dt) AS period_end, is_fiscal
FROM labelled WHERE received_on(rcept_no) IS NOT NULL AND day(stlm_dt) IS NOT NULL;

CREATE OR REPLACE TEMP TABLE stated_dates AS
SELECT rcept_no, max(period_end) AS period_end FROM dated_labels GROUP BY rcept_no;

CREATE OR REPLACE TEMP TABLE filing_forms AS
WITH fiscal AS (
    SELECT rcept_no, min(form) AS form FROM dated_labels WHERE is_fiscal GROUP BY rcept_no HAVING count(DISTINCT form) = 1
),
closing AS (
    -- Companies that close their year in one month only: a trust that closes every half-year has two.
    SELECT corp_code, min(month(period_end)) AS month FROM dated_labels
    WHERE is_fiscal AND form = 'annual' GROUP BY corp_code HAVING count(DISTINCT month(period_end)) = 1
)
SELECT l.rcept_no,
    coalesce(any_value(f.form),
        any_value(CASE (month(l.period_end) - c.month + 12) % 12
            WHEN 0 THEN 'annual' WHEN 3 THEN 'quarter_1' WHEN 6 THEN 'half_year' WHEN 9 THEN 'quarter_3' END),
        min(l.form)) AS form
FROM dated_labels l LEFT JOIN fiscal f ON f.rcept_no = l.rcept_no LEFT JOIN closing c ON c.corp_code = l.corp_code
GROUP BY l.rcept_no;
