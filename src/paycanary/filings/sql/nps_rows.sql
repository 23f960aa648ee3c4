-- nps_typed, raw_nps_broken -> judged (every row with what becomes of it), view nps_kept (rows for headcounts),
-- and what nps_companies.sql needs when all files are read: nps_companies, nps_workplaces, nps_months.

-- Names that no month before this one had: each is taken apart once (MATERIALIZED: else each mention of a step is worked out
-- anew). A sole proprietor's is not looked at.
INSERT INTO nps_names BY NAME
WITH fresh AS (
    SELECT name_hash, any_value(published) AS published FROM nps_typed ANTI JOIN nps_names USING (name_hash)
    WHERE NOT is_private AND published IS NOT NULL GROUP BY name_hash
), clean AS MATERIALIZED (
    SELECT name_hash, workplace_clean(published) AS clean, workplace_label(published) AS workplace FROM fresh
), named AS MATERIALIZED (
    SELECT name_hash, clean, workplace, company_of(clean) AS name FROM clean
)
SELECT name_hash, name, workplace, is_site_unit(substr(clean, length(name) + 1)) AS is_site,
    -- A workplace called nothing but '주식회사' is known by that.
    coalesce(nullif(name_key(name), ''), nullif(regexp_replace(name, '[^\p{L}\p{N}]', '', 'g'), '')) AS key, true AS is_new
FROM named;

CREATE OR REPLACE TEMP TABLE judged AS
WITH plain AS (
    SELECT nps_typed.* EXCLUDE (published, name_hash), known.workplace, known.name, known.is_site, known.key
    FROM nps_typed LEFT JOIN nps_names AS known USING (name_hash)
)
SELECT * EXCLUDE (key),
    'nps:' || left(md5(coalesce(prefix, '') || '|' || key), 12) AS company_id,
    'nps:' || strftime(month_start, '%Y-%m') AS filing_id,
    CASE WHEN is_private THEN NULL
         WHEN key IS NULL THEN 'no_company'
         WHEN month_start IS NULL OR is_bad_day THEN 'bad_date'
         WHEN headcount IS NULL OR headcount > 2000000000 OR is_bad_bill OR is_bad_joiners OR is_bad_leavers OR is_bad_form THEN 'bad_number'
         -- So many people would have been fewer than none in the month before. None of 29,974 real rows of 2022-04 is such.
         WHEN headcount + leavers < joiners THEN 'impossible_count'
    END AS reason,
    NOT is_private AS is_kept
FROM plain;

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

-- What is kept of the file, month by month: filings/nps.py says where each month goes.
CREATE OR REPLACE TEMP VIEW nps_kept AS
SELECT month_start, company_id, workplace, period_end, headcount, joiners, leavers, billed,
    -- No bill or no heads: no estimate. 0 won a head would be a figure that nobody earns.
    if(billed > 0, round(billed / nullif(headcount, 0) / rate), NULL) AS income_per_head,
    if(billed > 0, billed / nullif(headcount, 0) / rate >= share * ceiling, NULL) AS is_income_capped,
    status, is_site, industry_code, industry, region,
    -- Two ways to write "never": 0001-01-01 and 9999-12-31.
    if(year(withdrawn_on) BETWEEN 1988 AND 2100, withdrawn_on, NULL) AS withdrawn_on,
    if(year(enrolled_on) BETWEEN 1988 AND 2100, enrolled_on, NULL) AS enrolled_on, prefix AS business_number,
    'nps' AS source, filing_id, published_on
FROM judged JOIN nps_in_force USING (month_start)
WHERE is_kept AND reason IS NULL;

-- The largest workplace speaks for its company; ties go by the label and what is said of it, so that the same rows always give the same answer.
INSERT INTO nps_companies BY NAME
WITH speaking AS (
    SELECT arg_max(rowid, {'is_staff': NOT is_site, 'headcount': headcount, 'workplace': workplace, 'said': concat_ws('|', name, industry, region)}) AS place
    FROM judged WHERE is_kept AND reason IS NULL GROUP BY company_id, month_start
)
SELECT company_id, month_start, published_on,
    {'is_staff': NOT is_site, 'headcount': headcount, 'workplace': workplace, 'name': name, 'prefix': prefix, 'industry': industry, 'region': region} AS largest
FROM judged JOIN speaking ON judged.rowid = place JOIN nps_in_force USING (month_start);

INSERT INTO nps_workplaces BY NAME
WITH named AS (
    SELECT company_id, label AS name, min(month_start) AS month_start
    FROM (SELECT company_id, name AS label, month_start FROM judged WHERE is_kept AND reason IS NULL
          UNION ALL SELECT company_id, workplace, month_start FROM judged WHERE is_kept AND reason IS NULL AND NOT is_site AND workplace IS DISTINCT FROM name)
    GROUP BY company_id, label
)
SELECT named.*, published_on FROM named JOIN nps_in_force USING (month_start);
