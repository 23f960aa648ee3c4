-- A row a workplace of a business number. A workplace whose count cannot be read leaves the whole number without a sum.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT *, request_v_saeopjaDrno AS number, NOT is_empty AS is_kept,
    'comwel:' || coalesce(request_v_saeopjaDrno, '') || ':' || fetched_on AS filing_id, fetched_on AS published_on,
    CASE WHEN is_empty THEN NULL
         WHEN request_v_saeopjaDrno IS NULL OR NOT regexp_full_match(request_v_saeopjaDrno, '[0-9]{10}') THEN 'no_company'
         WHEN amount(sangsiInwonCnt) IS NULL OR amount(sangsiInwonCnt) NOT BETWEEN 0 AND 2000000000 THEN 'bad_number' END AS reason,
    json_object('number', request_v_saeopjaDrno, 'sangsiInwonCnt', sangsiInwonCnt, 'seongripDt', seongripDt) AS raw
FROM raw_lines;

CREATE OR REPLACE TEMP TABLE comwel_sums AS
SELECT number, filing_id, published_on, sum(amount(sangsiInwonCnt)) AS workers, count(reason) = 0 AS is_whole,
    max_by(nullif(saeopjangNm, ''), amount(sangsiInwonCnt)) AS name, max_by(nullif(gyEopjongNm, ''), amount(sangsiInwonCnt)) AS industry
FROM judged WHERE is_kept AND coalesce(reason, '') <> 'no_company' GROUP BY ALL;

INSERT INTO stage_facts BY NAME
SELECT 'comwel:' || number AS company_id, 'insured_workers' AS concept, published_on AS period_end, 0 AS months, workers AS value,
    'persons' AS unit, 0 AS lag, 'comwel' AS source, filing_id, published_on
FROM comwel_sums WHERE is_whole;

INSERT INTO stage_companies BY NAME
SELECT 'comwel:' || number AS company_id, name, number AS business_number, industry, 'comwel' AS source, filing_id, published_on
FROM comwel_sums;

DROP TABLE comwel_sums;
