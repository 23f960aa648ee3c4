-- From every endpoint's rows alike: which filings there are, and which companies filed them.
INSERT INTO stage_filings BY NAME
SELECT DISTINCT 'dart:' || r.corp_code AS company_id, coalesce(f.form, report_form(r.report)) AS form, day(r.stlm_dt) AS period_end,
    'https://dart.fss.or.kr/dsaf001/main.do?rcpNo=' || r.rcept_no AS url,
    'opendart' AS source, r.rcept_no AS filing_id, received_on(r.rcept_no) AS published_on
FROM {raw} r LEFT JOIN filing_forms f ON f.rcept_no = r.rcept_no
WHERE received_on(r.rcept_no) IS NOT NULL AND r.corp_code IS NOT NULL;

INSERT INTO seen_companies
SELECT corp_code, max_by(corp_name, rcept_no), max_by(stock_code, rcept_no), max(rcept_no),
    max_by(month(day(stlm_dt)), rcept_no) FILTER (coalesce(f.form, report_form(report)) = 'annual')
FROM {raw} LEFT JOIN filing_forms f USING (rcept_no)
WHERE received_on(rcept_no) IS NOT NULL AND corp_code IS NOT NULL
GROUP BY corp_code;
