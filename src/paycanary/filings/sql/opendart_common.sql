-- From every endpoint's rows alike: which filings there are, and which companies filed them.
INSERT INTO stage_filings BY NAME
SELECT DISTINCT 'dart:' || r.corp_code AS company_id, p.form, p.period_end,
    'https://dart.fss.or.kr/dsaf001/main.do?rcpNo=' || r.rcept_no AS url,
    'opendart' AS source, r.rcept_no AS filing_id, received_on(r.rcept_no) AS published_on
FROM {raw} r JOIN periods p ON p.rcept_no = r.rcept_no
WHERE r.corp_code IS NOT NULL;

INSERT INTO seen_companies
SELECT r.corp_code, max_by(r.corp_name, r.rcept_no), max_by(r.stock_code, r.rcept_no), max(r.rcept_no),
    max_by(month(p.period_end), r.rcept_no) FILTER (p.form = 'annual')
FROM {raw} r LEFT JOIN periods p ON p.rcept_no = r.rcept_no
WHERE received_on(r.rcept_no) IS NOT NULL AND r.corp_code IS NOT NULL
GROUP BY r.corp_code;
