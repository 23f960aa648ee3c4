-- Entries of the list of social-insurance arrears: raw_list -> entries. It tells the year of publication, not the day, and no end.
CREATE OR REPLACE TEMP TABLE entries AS
SELECT *, 'social_insurance_arrears' AS kind, CAST(NULL AS DATE) AS event_on, CAST(NULL AS DATE) AS expires_on,
    concat_ws(', ', "year" || '년 공개', insurance, industry) AS detail, 'https://www.nhis.or.kr' AS url
FROM (SELECT * REPLACE (nullif(regexp_extract("year", '20[0-9]{2}'), '') AS "year") FROM raw_list);
