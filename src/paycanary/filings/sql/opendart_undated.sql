-- Statement rows carry no date. It is the one that the same filing states elsewhere; else it follows from the business year and
-- the report code, for companies whose annual reports arrive in January to April and whose fiscal year thus ends in December.
INSERT INTO reports BY NAME
WITH filed AS (
    SELECT rcept_no, any_value(corp_code) AS corp_code, any_value(corp_name) AS name, report_form(any_value(reprt_code)) AS form,
        try_cast(any_value(bsns_year) AS INTEGER) AS year, received_on(rcept_no) AS published_on
    FROM raw_fnlttSinglAcntAll
    WHERE received_on(rcept_no) IS NOT NULL AND regexp_full_match(bsns_year, '20[0-9]{2}') AND report_form(reprt_code) <> 'other'
    GROUP BY rcept_no
),
expected AS (
    SELECT *, last_day(make_date(year, form_months(form), 1)) AS period_end FROM filed
),
annual AS (
    SELECT corp_code, bool_or(month(published_on) <= 4 AND year(published_on) = year + 1) AS is_december
    FROM expected WHERE form = 'annual' GROUP BY corp_code
),
interim AS (
    -- A newcomer without an annual report: its quarterly report arrives 30 to 60 days after a calendar quarter.
    SELECT corp_code, bool_or(date_diff('day', period_end, published_on) BETWEEN 20 AND 75) AS is_december
    FROM expected WHERE form <> 'annual' GROUP BY corp_code
)
SELECT rcept_no, corp_code, name, form, period_end
FROM expected e LEFT JOIN annual a USING (corp_code) LEFT JOIN interim i USING (corp_code)
WHERE coalesce(a.is_december, i.is_december) AND rcept_no NOT IN (SELECT rcept_no FROM reports);
