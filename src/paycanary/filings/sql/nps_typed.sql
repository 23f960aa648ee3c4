-- raw_nps -> every row typed, with what is wrong about it; what its name says is looked up next (nps_judged.sql).
-- Nearly every field is written in the usual way: that is tried first, since regular expressions are most of the cost.
SELECT row_number, layout, fetched_on, name AS published, nps_hash(name) AS name_hash,
    nps_month(month) AS month_start,
    -- A sole proprietor's workplace can bear a person's name: private persons never enter. Only the monthly file tells
    -- who is one (2); the extract is the publisher's list of corporations with three insured or more, and is taken whole.
    layout = 'monthly' AND CASE form WHEN '1' THEN false WHEN '2' THEN true ELSE coalesce(regexp_full_match(trim(form), '[02-9]'), false) END AS is_private,
    CASE WHEN business_number = lpad(CAST(try_cast(business_number AS UINTEGER) AS VARCHAR), 6, '0') THEN business_number
        ELSE nullif(regexp_extract(regexp_replace(business_number, '[^0-9]', '', 'g'), '^[0-9]{6}'), '') END AS prefix,
    CASE trim(status) WHEN '1' THEN 'registered' WHEN '2' THEN 'withdrawn' END AS status,
    day(nullif(trim(enrolled_on), '')) AS enrolled_on,
    day(nullif(trim(withdrawn_on), '')) AS withdrawn_on,
    CASE WHEN withdrawn_on IS NULL THEN false WHEN day(withdrawn_on) IS NULL THEN NOT is_blank(withdrawn_on) ELSE false END
        -- In the same words as above, so that it is worked out once; what follows is asked of those few only that are no day.
        OR (day(nullif(trim(enrolled_on), '')) IS NULL AND NOT is_blank(enrolled_on)) AS is_bad_day,
    nps_number(headcount) AS headcount, nps_number(billed) AS billed, nps_number(joiners) AS joiners, nps_number(leavers) AS leavers,
    nps_number(headcount) IS NULL OR nps_number(headcount) > 2000000000
        OR CASE WHEN nps_number(billed) IS NULL THEN NOT is_blank(billed) ELSE false END
        OR CASE WHEN nps_number(joiners) IS NULL THEN NOT is_blank(joiners) ELSE false END
        OR CASE WHEN nps_number(leavers) IS NULL THEN NOT is_blank(leavers) ELSE false END
        OR (layout = 'monthly' AND CASE form WHEN '1' THEN false WHEN '2' THEN false ELSE NOT coalesce(regexp_full_match(trim(form), '[0-9]'), false) END) AS is_bad_number,
    nullif(trim(industry_code), '') AS industry_code,
    -- The register writes this where it has no industry; it puts a blank where a comma stood.
    nullif(nullif(trim(CASE WHEN regexp_matches(industry, '\s\s|[\t\r\n\f\v]') THEN regexp_replace(industry, '\s+', ' ', 'g') ELSE industry END), ''), 'BIZ_NO미존재사업장') AS industry,
    -- The address is looked at only where nothing else says it: a step that was named twice would be worked out for every row.
    coalesce(nullif(trim(province), ''), place.region,
        regexp_extract_all(address, '^ *([^ ]+)', 1)[1]) AS region
FROM raw_nps LEFT JOIN nps_provinces AS place ON place.code = left(trim(province_code), 2)
