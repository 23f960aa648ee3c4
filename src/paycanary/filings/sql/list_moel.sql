-- Entries of the wage-arrears list: raw_list -> entries. A round is public for three years from its first day; where the page does
-- not tell that day, the round's year and the day of reading bound it from above, so that no entry is shown too long.
CREATE OR REPLACE TEMP TABLE entries AS
SELECT *, 'wage_arrears' AS kind, day(public_from) AS event_on,
    coalesce(day(public_until) + INTERVAL 1 DAY,
        least(make_date(TRY_CAST(regexp_extract("round", '(20[0-9]{2})', 1) AS INTEGER), 12, 31), fetched_on) + INTERVAL 3 YEAR) AS expires_on,
    concat_ws(', ', "round", industry) AS detail,
    'https://www.moel.go.kr/info/defaulter/defaulterList.do' AS url
FROM raw_list;
