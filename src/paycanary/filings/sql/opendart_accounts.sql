-- Main accounts (fnlttMultiAcnt, fnlttSinglAcnt): amounts with commas, and each column's day or period in words:
-- '2025.12.31 현재', '2025.01.01 ~ 2025.12.31'. Flows of interim reports are left to the full statements: which of their columns
-- covers the quarter and which the year to date is not said here.
CREATE OR REPLACE TEMP TABLE judged AS
WITH keyed AS (
    SELECT * REPLACE (coalesce(corp_code, CASE WHEN length(request_corp_code) = 8 THEN request_corp_code END) AS corp_code),
        received_on(rcept_no) AS published_on, regexp_replace(account_nm, '[^가-힣A-Za-z0-9]', '', 'g') AS name
    FROM {raw}
),
matched AS (
    SELECT k.*, n.concept FROM keyed k
    LEFT JOIN concept_map n ON n.statement = CASE k.sj_div WHEN 'CIS' THEN 'IS' ELSE k.sj_div END AND n.name = k.name
)
SELECT *, concept IS NOT NULL AND (sj_div = 'BS' OR reprt_code = '11011')
        AND NOT (is_blank(thstrm_amount) AND is_blank(frmtrm_amount) AND is_blank(bfefrmtrm_amount)) AS is_kept,
    CASE WHEN is_empty THEN NULL
         WHEN receipt_fault(rcept_no) IS NOT NULL THEN receipt_fault(rcept_no)
         WHEN corp_code IS NULL THEN 'no_company'
         WHEN concept IS NULL OR NOT (sj_div = 'BS' OR reprt_code = '11011') THEN NULL
         WHEN is_bad(thstrm_amount) OR is_bad(frmtrm_amount) OR is_bad(bfefrmtrm_amount) THEN 'bad_number'
         WHEN NOT is_blank(thstrm_amount) AND day(regexp_extract(thstrm_dt, '([0-9.]+)\D*$', 1)) IS NULL THEN 'bad_date'
    END AS reason,
    json_object('rcept_no', rcept_no, 'corp_code', corp_code, 'fs_div', fs_div, 'account_nm', account_nm, 'thstrm_dt', thstrm_dt,
        'thstrm_amount', thstrm_amount) AS raw
FROM matched;

INSERT INTO stage_facts BY NAME
WITH cells AS (
    SELECT corp_code, concept, fs_div, sj_div, rcept_no, currency, published_on, unnest([0, 1, 2]) AS lag,
        unnest([thstrm_dt, frmtrm_dt, bfefrmtrm_dt]) AS said, unnest([amount(thstrm_amount), amount(frmtrm_amount), amount(bfefrmtrm_amount)]) AS value
    FROM judged WHERE reason IS NULL AND is_kept
),
dated AS (
    SELECT *, month_end(regexp_extract(said, '([0-9.]+)\D*$', 1)) AS period_end, day(regexp_extract(said, '^\D*([0-9.]+)\s*~', 1)) AS begins_on
    FROM cells WHERE value IS NOT NULL
)
SELECT DISTINCT ON (corp_code, concept, fs_div, period_end, months, rcept_no)
    'dart:' || corp_code AS company_id, concept, fs_div AS basis, period_end, months, value,
    coalesce(nullif(trim(currency), ''), 'KRW') AS unit, lag, 'opendart' AS source, rcept_no AS filing_id, published_on
FROM (
    SELECT *, CASE WHEN sj_div = 'BS' THEN 0 ELSE CAST(date_diff('month', begins_on, period_end + INTERVAL 1 DAY) AS INTEGER) END AS months FROM dated
)
WHERE period_end IS NOT NULL AND months IS NOT NULL AND fs_div IN ('CFS', 'OFS')
ORDER BY lag, value;
