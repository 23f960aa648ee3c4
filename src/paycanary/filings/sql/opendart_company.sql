-- What the register says a company is: official numbers above all. The answer bears no date, so it is known from the day it was
-- fetched. Who heads it is not asked for.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT *, request_corp_code AS corp_code, CAST(NULL AS VARCHAR) AS rcept_no, fetched_on AS published_on, NOT is_empty AS is_kept,
    regexp_replace(coalesce(jurir_no, ''), '[^0-9]', '', 'g') AS corporation, regexp_replace(coalesce(bizr_no, ''), '[^0-9]', '', 'g') AS business,
    CASE WHEN is_empty THEN NULL
         WHEN request_corp_code IS NULL OR NOT regexp_full_match(request_corp_code, '[0-9]{8}') OR is_blank(corp_name) THEN 'no_company' END AS reason,
    json_object('corp_code', request_corp_code, 'corp_name', corp_name, 'stock_code', stock_code, 'acc_mt', acc_mt) AS raw
FROM raw_company;

INSERT INTO stage_companies BY NAME
SELECT 'dart:' || corp_code AS company_id, trim(corp_name) AS name, nullif(trim(corp_name_eng), '') AS name_en, corp_code,
    nullif(trim(stock_code), '') AS stock_code,
    CASE WHEN length(corporation) = 13 AND ltrim(corporation, '0') <> '' THEN corporation END AS corporation_number,
    CASE WHEN length(business) = 10 AND ltrim(business, '0') <> '' THEN business END AS business_number,
    CASE corp_cls WHEN 'Y' THEN 'KOSPI' WHEN 'K' THEN 'KOSDAQ' WHEN 'N' THEN 'KONEX' END AS market,
    CASE WHEN try_cast(acc_mt AS INTEGER) BETWEEN 1 AND 12 THEN try_cast(acc_mt AS INTEGER) END AS fiscal_month,
    'opendart' AS source, 'company:' || corp_code AS filing_id, published_on
FROM judged WHERE reason IS NULL AND is_kept;

INSERT INTO stage_names BY NAME
SELECT 'dart:' || corp_code AS company_id, trim(name) AS name, kind, 'opendart' AS source, 'company:' || corp_code AS filing_id, published_on
FROM (
    SELECT corp_code, published_on, unnest([corp_name, corp_name_eng, CASE WHEN corp_cls IN ('Y', 'K', 'N') THEN stock_name END]) AS name,
        unnest(['official', 'english', 'stock']) AS kind
    FROM judged WHERE reason IS NULL AND is_kept
)
WHERE NOT is_blank(name);
