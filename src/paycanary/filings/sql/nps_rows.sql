-- raw_nps, raw_nps_broken -> judged (every row with what becomes of it), stage_headcounts, stage_rejected,
-- and what nps_companies.sql needs when all files are read: nps_companies, nps_workplaces, nps_months.

CREATE OR REPLACE TEMP TABLE judged AS
WITH plain AS (
    SELECT file, row_number, layout, fetched_on, workplace_clean(name) AS clean, workplace_label(name) AS workplace, nps_month(month) AS month_start,
        nullif(regexp_extract(regexp_replace(business_number, '[^0-9]', '', 'g'), '^[0-9]{6}'), '') AS prefix,
        -- A sole proprietor's workplace can bear a person's name: private persons never enter. Only the monthly file tells
        -- who is one (2); the extract is the publisher's list of corporations with three insured or more, and is taken whole.
        layout = 'monthly' AND coalesce(regexp_full_match(trim(form), '[02-9]'), false) AS is_private,
        layout = 'monthly' AND NOT coalesce(regexp_full_match(trim(form), '[0-9]'), false) AS is_bad_form,
        CASE trim(status) WHEN '1' THEN 'registered' WHEN '2' THEN 'withdrawn' END AS status,
        day(nullif(trim(withdrawn_on), '')) AS withdrawn_on, NOT is_blank(withdrawn_on) AND day(withdrawn_on) IS NULL AS is_bad_day,
        nps_number(headcount) AS headcount,
        nps_number(billed) AS billed, NOT is_blank(billed) AND nps_number(billed) IS NULL AS is_bad_bill,
        nps_number(joiners) AS joiners, NOT is_blank(joiners) AND nps_number(joiners) IS NULL AS is_bad_joiners,
        nps_number(leavers) AS leavers, NOT is_blank(leavers) AND nps_number(leavers) IS NULL AS is_bad_leavers,
        nullif(trim(industry_code), '') AS industry_code,
        -- The register writes this where it has no industry; it puts a blank where a comma stood.
        nullif(nullif(trim(regexp_replace(industry, '\s+', ' ', 'g')), ''), 'BIZ_NO미존재사업장') AS industry,
        coalesce(nullif(trim(province), ''), place.region, nullif(split_part(trim(address), ' ', 1), '')) AS region
    FROM raw_nps LEFT JOIN nps_provinces AS place ON place.code = left(trim(province_code), 2)
), named AS (
    SELECT *, company_of(clean) AS name FROM plain
), keyed AS (
    SELECT *, is_site_unit(substr(clean, length(name) + 1)) AS is_site,
        -- A workplace called nothing but '주식회사' is known by that.
        coalesce(nullif(name_key(name), ''), nullif(regexp_replace(name, '[^\p{L}\p{N}]', '', 'g'), '')) AS key
    FROM named
)
SELECT * EXCLUDE (clean, key),
    'nps:' || left(md5(coalesce(prefix, '') || '|' || key), 12) AS company_id,
    'nps:' || strftime(month_start, '%Y-%m') AS filing_id,
    CASE WHEN is_private THEN NULL
         WHEN key IS NULL THEN 'no_company'
         WHEN month_start IS NULL OR is_bad_day THEN 'bad_date'
         WHEN headcount IS NULL OR headcount > 2000000000 OR is_bad_bill OR is_bad_joiners OR is_bad_leavers OR is_bad_form THEN 'bad_number'
    END AS reason,
    NOT is_private AS is_kept
FROM keyed;

INSERT INTO judged BY NAME
SELECT file, row_number, 'bad_columns' AS reason, true AS is_kept FROM raw_nps_broken;

-- What was in force in each month, and when the month's file was public: by the rule, or the day on which we had it if that was sooner.
CREATE OR REPLACE TEMP TABLE nps_in_force AS
SELECT month_start, last_day(month_start) AS period_end,
    least(last_day(CAST(month_start + to_months(CAST(lag.value AS INTEGER)) AS DATE)), fetched_on) AS published_on,
    rate.value AS rate, ceiling.value AS ceiling, share.value AS share
FROM (SELECT month_start, max(fetched_on) AS fetched_on FROM judged WHERE month_start IS NOT NULL GROUP BY month_start) AS months
LEFT JOIN rates AS lag ON lag.name = 'publication_lag' AND month_start BETWEEN lag.since AND lag.until
LEFT JOIN rates AS rate ON rate.name = 'contribution_rate' AND month_start BETWEEN rate.since AND rate.until
LEFT JOIN rates AS ceiling ON ceiling.name = 'income_ceiling' AND month_start BETWEEN ceiling.since AND ceiling.until
LEFT JOIN rates AS share ON share.name = 'capped_share' AND month_start BETWEEN share.since AND share.until;

INSERT INTO stage_headcounts BY NAME
SELECT company_id, 'workplace' AS kind, workplace, period_end, headcount, joiners, leavers, billed,
    -- No bill or no heads: no estimate. 0 won a head would be a figure that nobody earns.
    if(billed > 0, round(billed / nullif(headcount, 0) / rate), NULL) AS income_per_head,
    if(billed > 0, billed / nullif(headcount, 0) / rate >= share * ceiling, NULL) AS is_income_capped,
    status, is_site, industry_code, industry, region,
    -- Two ways to write "never": 0001-01-01 and 9999-12-31.
    if(year(withdrawn_on) BETWEEN 1988 AND 2100, withdrawn_on, NULL) AS withdrawn_on,
    'nps' AS source, filing_id, published_on
FROM judged JOIN nps_in_force USING (month_start)
WHERE is_kept AND reason IS NULL;

-- Rejected rows are kept without names and addresses.
INSERT INTO stage_rejected BY NAME
WITH kept AS (
    SELECT row_number, CAST(json_object('month', nps_harmless(month), 'business_number', nps_harmless(business_number),
        'status', nps_harmless(status), 'form', nps_harmless(form), 'industry_code', nps_harmless(industry_code),
        'withdrawn_on', nps_harmless(withdrawn_on), 'headcount', nps_harmless(headcount), 'billed', nps_harmless(billed),
        'joiners', nps_harmless(joiners), 'leavers', nps_harmless(leavers)) AS VARCHAR) AS raw
    FROM raw_nps WHERE row_number IN (SELECT row_number FROM judged WHERE reason IS NOT NULL)
    UNION ALL
    SELECT row_number, CAST(to_json(list_transform(string_split(line, ','), lambda field: nps_harmless(field))) AS VARCHAR)
    FROM raw_nps_broken
)
SELECT file, row_number, reason, left(raw, 2000) AS raw, 'nps' AS source, filing_id, published_on
FROM judged JOIN kept USING (row_number) LEFT JOIN nps_in_force USING (month_start)
WHERE reason IS NOT NULL
ORDER BY row_number;

-- The largest workplace speaks for its company; ties go by the label, so that the same rows always give the same answer.
INSERT INTO nps_companies BY NAME
SELECT company_id, month_start, any_value(published_on) AS published_on,
    max({'is_staff': NOT is_site, 'headcount': headcount, 'workplace': workplace, 'name': name, 'prefix': prefix, 'industry': industry, 'region': region}) AS largest
FROM judged JOIN nps_in_force USING (month_start)
WHERE is_kept AND reason IS NULL
GROUP BY company_id, month_start;

INSERT INTO nps_workplaces BY NAME
SELECT company_id, label AS name, min(month_start) AS month_start, min(published_on) AS published_on
FROM (SELECT company_id, name AS label, month_start FROM judged WHERE is_kept AND reason IS NULL
      UNION ALL SELECT company_id, workplace, month_start FROM judged WHERE is_kept AND reason IS NULL AND NOT is_site)
JOIN nps_in_force USING (month_start)
GROUP BY company_id, label;
