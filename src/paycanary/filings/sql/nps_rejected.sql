-- judged, raw_nps, raw_nps_broken -> stage_rejected.

-- Rejected rows are kept without names and addresses.
INSERT INTO stage_rejected BY NAME
WITH kept AS (
    SELECT file, row_number, CAST(json_merge_patch(json_object('month', nps_harmless(month), 'business_number', nps_harmless(business_number),
        'status', nps_harmless(status), 'form', nps_harmless(form), 'industry_code', nps_harmless(industry_code),
        'withdrawn_on', nps_harmless(withdrawn_on), 'headcount', nps_harmless(headcount), 'billed', nps_harmless(billed),
        'joiners', nps_harmless(joiners), 'leavers', nps_harmless(leavers)),
        -- Told only where it is what is wrong: so the row's number stays what it is for all others.
        if(CASE WHEN day(nullif(trim(enrolled_on), '')) IS NULL THEN NOT is_blank(enrolled_on) ELSE nps_is_no_day(day(nullif(trim(enrolled_on), ''))) END, json_object('enrolled_on', nps_harmless(enrolled_on)), '{}')) AS VARCHAR) AS raw
    FROM raw_nps WHERE row_number IN (SELECT row_number FROM judged WHERE reason IS NOT NULL)
    UNION ALL
    SELECT file, row_number, CAST(to_json(list_transform(string_split(line, ','), lambda field: nps_harmless(field))) AS VARCHAR)
    FROM raw_nps_broken
)
SELECT file, row_number, reason, left(raw, 2000) AS raw, 'nps' AS source, filing_id, published_on
FROM judged JOIN kept USING (row_number) LEFT JOIN nps_in_force USING (month_start)
WHERE reason IS NOT NULL
ORDER BY row_number;
