-- Issues under administration, as read at KIND: a dated snapshot of the whole list. A reason is put into a class by its words: what
-- speaks of money, opinion or going on is distress; small trading, few holders, penalty points and size are not. KOSPI states none.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT * EXCLUDE (Reason), Reason AS stated, day(DesignationDate) AS designated_on,
    'administration:' || strftime(fetched_at AT TIME ZONE 'UTC', '%Y%m%dT%H%M%SZ') AS snapshot,
    regexp_full_match(Symbol, '[0-9A-Z]{5}0') AS is_kept,
    CASE WHEN Symbol IS NULL OR NOT regexp_full_match(Symbol, '[0-9A-Z]{6}') OR Name IS NULL THEN 'no_company'
         WHEN day(DesignationDate) IS NULL THEN 'bad_date' END AS reason,
    json_object('Symbol', Symbol, 'Name', Name, 'DesignationDate', DesignationDate, 'Reason', Reason) AS raw
FROM raw_krx;

INSERT INTO stage_notices BY NAME
SELECT DISTINCT 'krx:' || Symbol AS company_id, 'administrative_issue' AS kind, designated_on AS event_on,
    CASE WHEN stated IS NULL THEN 'not_published'
         WHEN regexp_matches(stated, '거절|부적정|비적정|감사범위|범위 ?제한|의견 ?한정|한정 ?의견|잠식|부도|파산|회생|화의|계속사업손실|영업손실|계속기업|미제출|제출하지 ?아니|실질심사|영업.{0,4}정지') THEN 'distress'
         ELSE 'other' END AS category,
    stated AS detail, 'krx' AS source, snapshot AS filing_id, fetched_on AS published_on
FROM judged WHERE reason IS NULL AND is_kept;

INSERT INTO stage_companies BY NAME
SELECT DISTINCT 'krx:' || Symbol AS company_id, Name AS name, Symbol AS stock_code, 'krx' AS source, snapshot AS filing_id, fetched_on AS published_on
FROM judged WHERE reason IS NULL AND is_kept;

INSERT INTO stage_names BY NAME
SELECT DISTINCT 'krx:' || Symbol AS company_id, Name AS name, 'stock' AS kind, 'krx' AS source, snapshot AS filing_id, fetched_on AS published_on
FROM judged WHERE reason IS NULL AND is_kept;

INSERT INTO stage_filings BY NAME
SELECT DISTINCT 'list:administration' AS company_id, 'list' AS form, fetched_on AS period_end,
    'https://kind.krx.co.kr/investwarn/adminissue.do?method=searchAdminIssueMain' AS url, 'krx' AS source, snapshot AS filing_id, fetched_on AS published_on
FROM judged;
