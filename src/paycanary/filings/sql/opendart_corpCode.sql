-- The register of all corporations: names and codes of everyone who ever filed.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT *, day(modify_date) AS published_on, true AS is_kept,
    CASE WHEN corp_code IS NULL OR NOT regexp_full_match(corp_code, '[0-9]{8}') OR corp_name IS NULL THEN 'no_company'
         WHEN day(modify_date) IS NULL THEN 'bad_date' END AS reason,
    json_object('corp_code', corp_code, 'corp_name', corp_name, 'stock_code', stock_code, 'modify_date', modify_date) AS raw
FROM raw_corpCode;

INSERT INTO stage_companies BY NAME
SELECT 'dart:' || corp_code AS company_id, corp_name AS name, corp_eng_name AS name_en, corp_code, stock_code,
    'opendart' AS source, 'corpCode:' || modify_date AS filing_id, published_on
FROM judged WHERE reason IS NULL;

INSERT INTO stage_names BY NAME
SELECT 'dart:' || corp_code AS company_id, corp_name AS name, 'official' AS kind, 'opendart' AS source, 'corpCode:' || modify_date AS filing_id, published_on
FROM judged WHERE reason IS NULL
UNION ALL
SELECT 'dart:' || corp_code, corp_eng_name, 'english', 'opendart', 'corpCode:' || modify_date, published_on
FROM judged WHERE reason IS NULL AND corp_eng_name IS NOT NULL;
