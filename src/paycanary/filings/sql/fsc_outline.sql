-- getCorpOutline_V2: a row a company and span in which nothing changed. The newest span speaks; the others say the same or less.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT *, NOT is_empty AS is_kept, 'fsc:' || coalesce(crno, '') AS filing_id, fetched_on AS published_on,
    CASE WHEN is_empty THEN NULL
         WHEN crno IS NULL OR NOT regexp_full_match(crno, '[0-9]{13}') OR coalesce(corpNm, '') = '' THEN 'no_company' END AS reason,
    json_object('crno', crno, 'corpNm', corpNm, 'bzno', bzno, 'lastOpegDt', lastOpegDt) AS raw
FROM raw_lines;

CREATE OR REPLACE TEMP TABLE fsc_outlines AS
SELECT * FROM judged WHERE reason IS NULL AND is_kept
QUALIFY row_number() OVER (PARTITION BY crno ORDER BY lastOpegDt DESC NULLS LAST, row_number) = 1;

INSERT INTO stage_companies BY NAME
SELECT 'fsc:' || crno AS company_id, corpNm AS name, nullif(corpEnsnNm, '') AS name_en,
    CASE WHEN regexp_full_match(fssCorpUnqNo, '[0-9]{8}') THEN fssCorpUnqNo END AS corp_code, crno AS corporation_number,
    CASE WHEN regexp_full_match(bzno, '[0-9]{10}') THEN bzno END AS business_number,
    CASE WHEN corpRegMrktDcdNm LIKE '유가%' THEN 'KOSPI' WHEN corpRegMrktDcdNm LIKE '코스닥%' THEN 'KOSDAQ'
         WHEN corpRegMrktDcdNm LIKE '코넥스%' THEN 'KONEX' END AS market,
    nullif(sicNm, '') AS industry, nullif(enpBsadr, '') AS region,
    CASE WHEN try_cast(enpStacMm AS INTEGER) BETWEEN 1 AND 12 THEN try_cast(enpStacMm AS INTEGER) END AS fiscal_month,
    'fsc' AS source, filing_id, published_on
FROM fsc_outlines;

INSERT INTO stage_names BY NAME
SELECT DISTINCT 'fsc:' || crno AS company_id, said.name AS name, said.kind AS kind, 'fsc' AS source, filing_id, published_on
FROM (SELECT crno, filing_id, published_on,
        unnest([{'name': corpNm, 'kind': 'official'}, {'name': enpPbanCmpyNm, 'kind': 'stock'}, {'name': corpEnsnNm, 'kind': 'english'}]) AS said
      FROM fsc_outlines)
WHERE coalesce(said.name, '') <> '';

INSERT INTO fsc_met SELECT crno, NULL FROM fsc_outlines;
DROP TABLE fsc_outlines;
