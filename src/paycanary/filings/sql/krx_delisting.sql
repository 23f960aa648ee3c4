-- Delistings. Only ordinary shares and depositary receipts speak of a company; warrants, trusts, preferred shares do not.
-- An ordinary share's code ends in 0.
-- A reason is put into a class by the words it holds; a reason that was not published has none.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT * EXCLUDE (Reason), Reason AS stated, day(substr(DelistingDate, 1, 10)) AS delisted_on,
    SecuGroup IN ('주권', '외국주권', '주식예탁증권') AND coalesce(Kind, '') NOT LIKE '%우선주' AND regexp_full_match(Symbol, '[0-9A-Z]{5}0') AS is_kept,
    CASE WHEN SecuGroup IS NULL OR SecuGroup NOT IN ('주권', '외국주권', '주식예탁증권') OR coalesce(Kind, '') LIKE '%우선주' THEN NULL
         WHEN Symbol IS NULL OR Name IS NULL THEN 'no_company'
         WHEN day(substr(DelistingDate, 1, 10)) IS NULL THEN 'bad_date' END AS reason,
    json_object('Symbol', Symbol, 'Name', Name, 'DelistingDate', DelistingDate, 'Reason', Reason) AS raw
FROM raw_krx;

INSERT INTO stage_notices BY NAME
SELECT 'krx:' || Symbol AS company_id, 'delisting' AS kind, delisted_on AS event_on,
    CASE WHEN stated IS NULL THEN 'not_published'
         WHEN Name LIKE '%스팩%' OR stated LIKE '%스팩%' OR stated LIKE '%SPAC%' OR stated LIKE '%상장예비심사%' THEN 'expiry'
         WHEN regexp_matches(stated, '거절|부적정|감사범위|의견 ?한정|잠식|부도|거래정지|회사정리|파산|회생|화의|계약이전|계속성|미제출|제출하지 ?아니|영업.{0,4}정지|손실 발생|불성실|자기자본|경상손실|매출액|액면가액|주가수준|시가총액') THEN 'distress'
         WHEN regexp_matches(stated, '합병|완전자회사|주식교환|지주회사') THEN 'merger'
         WHEN regexp_matches(stated, '이전|유가증권시장 상장|코스닥시장 상장|거래소 상장') THEN 'transfer'
         WHEN regexp_matches(stated, '신청|취소 ?요청|자진') THEN 'voluntary'
         WHEN regexp_matches(stated, '존속기간|기간 ?만료') THEN 'expiry'
         ELSE 'other' END AS category,
    stated AS detail, 'krx' AS source, 'delisting:' || Symbol || ':' || delisted_on AS filing_id, delisted_on AS published_on
FROM judged WHERE reason IS NULL AND is_kept;

INSERT INTO stage_companies BY NAME
SELECT DISTINCT 'krx:' || Symbol AS company_id, Name AS name, Symbol AS stock_code, Market AS market,
    'krx' AS source, 'delisting:' || Symbol || ':' || delisted_on AS filing_id, delisted_on AS published_on
FROM judged WHERE reason IS NULL AND is_kept;

INSERT INTO stage_names BY NAME
SELECT DISTINCT 'krx:' || Symbol AS company_id, Name AS name, 'stock' AS kind, 'krx' AS source,
    'delisting:' || Symbol || ':' || delisted_on AS filing_id, delisted_on AS published_on
FROM judged WHERE reason IS NULL AND is_kept;

INSERT INTO stage_filings BY NAME
SELECT DISTINCT 'krx:' || Symbol AS company_id, 'list' AS form, delisted_on AS period_end,
    'https://kind.krx.co.kr/investwarn/delcompany.do?method=searchDelCompanyMain' AS url, 'krx' AS source,
    'delisting:' || Symbol || ':' || delisted_on AS filing_id, delisted_on AS published_on
FROM judged WHERE reason IS NULL AND is_kept;
