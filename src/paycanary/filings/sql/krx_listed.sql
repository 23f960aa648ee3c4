-- Listed companies. A row is dated by its day of listing: from then on the exchange publishes industry and region.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT *, day(substr(상장일, 1, 10)) AS listed_on, true AS is_kept,
    CASE WHEN 종목코드 IS NULL OR NOT regexp_full_match(종목코드, '[0-9A-Z]{6}') OR 회사명 IS NULL THEN 'no_company'
         WHEN day(substr(상장일, 1, 10)) IS NULL THEN 'bad_date' END AS reason,
    json_object('회사명', 회사명, '종목코드', 종목코드, '상장일', 상장일) AS raw
FROM raw_krx;

INSERT INTO stage_companies BY NAME
SELECT 'krx:' || 종목코드 AS company_id, 회사명 AS name, 종목코드 AS stock_code,
    CASE WHEN 시장구분 LIKE '유가%' OR 시장구분 = 'KOSPI' THEN 'KOSPI' WHEN 시장구분 LIKE '코스닥%' OR 시장구분 = 'KOSDAQ' THEN 'KOSDAQ'
         WHEN 시장구분 LIKE '코넥스%' OR 시장구분 = 'KONEX' THEN 'KONEX' END AS market,
    업종 AS industry, 지역 AS region, try_cast(regexp_extract(결산월, '([0-9]+)', 1) AS INTEGER) AS fiscal_month, listed_on,
    'krx' AS source, 'listed:' || 종목코드 AS filing_id, listed_on AS published_on
FROM judged WHERE reason IS NULL;

INSERT INTO stage_names BY NAME
SELECT 'krx:' || 종목코드 AS company_id, 회사명 AS name, 'stock' AS kind, 'krx' AS source, 'listed:' || 종목코드 AS filing_id, listed_on AS published_on
FROM judged WHERE reason IS NULL;
