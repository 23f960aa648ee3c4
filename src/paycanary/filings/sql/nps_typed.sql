-- raw_nps -> every row typed, with what is wrong about it; what its name says is looked up later (nps_rows.sql).
-- Nearly every field is written in the usual way: that is tried first, since regular expressions are most of the cost.
SELECT file, row_number, layout, fetched_on, name AS published, nps_hash(name) AS name_hash,
    nps_month(month) AS month_start,
    -- A sole proprietor's workplace can bear a person's name: private persons never enter. Only the monthly file tells
    -- who is one (2); the extract is the publisher's list of corporations with three insured or more, and is taken whole.
    layout = 'monthly' AND CASE form WHEN '1' THEN false WHEN '2' THEN true ELSE coalesce(regexp_full_match(trim(form), '[02-9]'), false) END AS is_private,
    layout = 'monthly' AND CASE form WHEN '1' THEN false WHEN '2' THEN false ELSE NOT coalesce(regexp_full_match(trim(form), '[0-9]'), false) END AS is_bad_form,
    coalesce(nullif(regexp_extract(business_number, '^[0-9]{6}'), ''),
        nullif(regexp_extract(regexp_replace(business_number, '[^0-9]', '', 'g'), '^[0-9]{6}'), '')) AS prefix,
    CASE trim(status) WHEN '1' THEN 'registered' WHEN '2' THEN 'withdrawn' END AS status,
    day(nullif(trim(enrolled_on), '')) AS enrolled_on,
    day(nullif(trim(withdrawn_on), '')) AS withdrawn_on,
    CASE WHEN withdrawn_on IS NULL THEN false WHEN day(withdrawn_on) IS NULL THEN NOT is_blank(withdrawn_on) ELSE false END AS is_bad_day,
    nps_number(headcount) AS headcount,
    nps_number(billed) AS billed, CASE WHEN nps_number(billed) IS NULL THEN NOT is_blank(billed) ELSE false END AS is_bad_bill,
    nps_number(joiners) AS joiners, CASE WHEN nps_number(joiners) IS NULL THEN NOT is_blank(joiners) ELSE false END AS is_bad_joiners,
    nps_number(leavers) AS leavers, CASE WHEN nps_number(leavers) IS NULL THEN NOT is_blank(leavers) ELSE false END AS is_bad_leavers,
    nullif(trim(industry_code), '') AS industry_code,
    -- The register writes this where it has no industry; it puts a blank where a comma stood.
    nullif(nullif(trim(CASE WHEN regexp_matches(industry, '\s\s|[\t\r\n\f\v]') THEN regexp_replace(industry, '\s+', ' ', 'g') ELSE industry END), ''), 'BIZ_NO미존재사업장') AS industry,
    coalesce(nullif(trim(province), ''), place.region, nullif(split_part(trim(address), ' ', 1), '')) AS region
FROM raw_nps LEFT JOIN nps_provinces AS place ON place.code = left(trim(province_code), 2)
