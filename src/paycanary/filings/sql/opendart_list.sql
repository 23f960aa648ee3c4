-- Filings as the register lists them, by their titles. '[기재정정]사업보고서 (2024.12)' is a correction: it says nothing about when the
-- report was first filed, so first filings and corrections have forms of their own. A quarterly report's title does not say which
-- quarter; that is known where the same load says when the company's year ends.
CREATE OR REPLACE TEMP TABLE judged AS
WITH titled AS (
    SELECT *, received_on(rcept_no) AS published_on, regexp_replace(coalesce(report_nm, ''), '\s', '', 'g') AS full_title FROM raw_list
),
parts AS (
    SELECT *, full_title LIKE '[%' AS is_marked,
        -- A company also reports what befalls those it holds; that is not its own event.
        regexp_matches(full_title, '종속회사|자회사|관계회사|계열회사') AS is_of_another, regexp_replace(full_title, '^(\[[^\]]*\])+', '') AS title,
        last_day(try_cast(replace(regexp_extract(full_title, '보고서\(([0-9]{4}\.[0-9]{2})\)', 1), '.', '-') || '-01' AS DATE)) AS period_end
    FROM titled
),
closing AS (
    SELECT corp_code, max(month(period_end)) AS fiscal_month FROM parts WHERE title LIKE '사업보고서(%' AND period_end IS NOT NULL
    GROUP BY corp_code HAVING count(DISTINCT month(period_end)) = 1
),
formed AS (
    SELECT p.*, CASE
        WHEN is_of_another THEN NULL
        WHEN regexp_matches(title, '보고서.*제출기한.*연장') THEN 'extension'
        WHEN regexp_matches(title, '감사보고서.*제출.*지연') THEN 'audit_delay'
        WHEN period_end IS NULL THEN NULL
        WHEN title LIKE '사업보고서(%' THEN CASE WHEN is_marked THEN 'annual_corrected' ELSE 'annual_first' END
        WHEN title LIKE '반기보고서(%' THEN 'half_year'
        WHEN title LIKE '분기보고서(%' THEN CASE (month(period_end) - c.fiscal_month + 12) % 12 WHEN 3 THEN 'quarter_1' WHEN 9 THEN 'quarter_3' ELSE 'other' END
        WHEN regexp_matches(title, '^(연결|결합)?감사보고서\(') THEN CASE WHEN is_marked THEN 'audit_corrected' ELSE 'audit_first' END
        END AS form,
        -- Proceedings that came to an end or were refused; their beginning is told by reports of material facts.
        regexp_matches(title, '회생절차') AND regexp_matches(title, '종결|기각|취하') AND NOT is_of_another AS is_proceeding_over
    FROM parts p LEFT JOIN closing c ON c.corp_code = p.corp_code
)
SELECT *, form IS NOT NULL OR is_proceeding_over AS is_kept,
    CASE WHEN is_empty THEN NULL
         WHEN receipt_fault(rcept_no) IS NOT NULL THEN receipt_fault(rcept_no)
         WHEN corp_code IS NULL THEN 'no_company' END AS reason,
    json_object('rcept_no', rcept_no, 'corp_code', corp_code, 'report_nm', report_nm) AS raw
FROM formed;

INSERT INTO stage_filings BY NAME
SELECT DISTINCT 'dart:' || corp_code AS company_id, form, period_end,
    'https://dart.fss.or.kr/dsaf001/main.do?rcpNo=' || rcept_no AS url, 'opendart' AS source, rcept_no AS filing_id, published_on
FROM judged WHERE reason IS NULL AND form IS NOT NULL;

INSERT INTO stage_notices BY NAME
SELECT DISTINCT 'dart:' || corp_code AS company_id, 'rehabilitation' AS kind, published_on AS event_on,
    CASE WHEN title LIKE '%종결%' THEN 'ended' ELSE 'refused' END AS category, trim(report_nm) AS detail,
    'opendart' AS source, rcept_no AS filing_id, published_on
FROM judged WHERE reason IS NULL AND is_proceeding_over;

INSERT INTO seen_companies
SELECT corp_code, max_by(corp_name, rcept_no), nullif(trim(max_by(stock_code, rcept_no)), ''), max(rcept_no), CAST(NULL AS INTEGER)
FROM judged WHERE reason IS NULL AND NOT is_empty GROUP BY corp_code;
