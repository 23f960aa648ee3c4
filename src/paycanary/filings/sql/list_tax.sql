-- Entries of the tax service's list: raw_list -> entries. It tells the year of publication, not the day, and no end.
CREATE OR REPLACE TEMP TABLE entries AS
SELECT *, 'tax_arrears' AS kind, CAST(NULL AS DATE) AS event_on, CAST(NULL AS DATE) AS expires_on,
    concat_ws(', ', "year" || '년 공개', taxes, cases || '건', industry) AS detail,
    'https://www.nts.go.kr/nts/ad/openInfo/selectList.do' AS url
FROM (SELECT * REPLACE (nullif(regexp_extract("year", '20[0-9]{2}'), '') AS "year", nullif(regexp_extract(cases, '[0-9,]+'), '') AS cases) FROM raw_list);
