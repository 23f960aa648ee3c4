-- From every endpoint's rows alike: which filings there are, and which companies filed them.
INSERT INTO stage_filings BY NAME
SELECT DISTINCT 'dart:' || corp_code AS company_id, report_form(report) AS form, day(stlm_dt) AS period_end,
    'https://dart.fss.or.kr/dsaf001/main.do?rcpNo=' || rcept_no AS url,
    'opendart' AS source, rcept_no AS filing_id, received_on(rcept_no) AS published_on
FROM {raw} WHERE received_on(rcept_no) IS NOT NULL AND corp_code IS NOT NULL;

INSERT INTO seen_companies
SELECT corp_code, max_by(corp_name, rcept_no), max_by(stock_code, rcept_no), max(rcept_no),
    max_by(month(day(stlm_dt)), rcept_no) FILTER (report_form(report) = 'annual')
FROM {raw} WHERE received_on(rcept_no) IS NOT NULL AND corp_code IS NOT NULL
GROUP BY corp_code;
