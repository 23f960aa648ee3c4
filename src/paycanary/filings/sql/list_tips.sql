-- Companies of the TIPS list: raw_list -> entries. It tells the year of selection.
CREATE OR REPLACE TEMP TABLE entries AS
SELECT *, 'tips' AS kind, CAST(NULL AS DATE) AS event_on, CAST(NULL AS DATE) AS expires_on,
    concat_ws(', ', "year" || '년 선정', '운영사 ' || operator, district) AS detail,
    CAST(NULL AS VARCHAR) AS region, CAST(NULL AS VARCHAR) AS industry, CAST(NULL AS VARCHAR) AS amount, CAST(NULL AS VARCHAR) AS unit,
    'https://jointips.or.kr/network/startups' AS url
FROM raw_list;
