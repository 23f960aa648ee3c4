-- judged, raw_nps_broken -> judged (with the broken rows), view nps_kept (rows for headcounts),
-- and what nps_companies.sql needs when all files are read: nps_companies, nps_workplaces, nps_months.

INSERT INTO judged BY NAME
SELECT row_number, 'bad_columns' AS reason, true AS is_kept FROM raw_nps_broken;

-- What was in force in each month, and when the month's file was public: by the rule, or the day on which we had it if that was sooner.
CREATE OR REPLACE TEMP TABLE nps_in_force AS
SELECT month_start, last_day(month_start) AS period_end, 'nps:' || strftime(month_start, '%Y-%m') AS filing_id,
    least(last_day(CAST(month_start + to_months(CAST(lag.value AS INTEGER)) AS DATE)), fetched_on) AS published_on,
    rate.value AS rate, ceiling.value AS ceiling, share.value AS share
FROM (SELECT month_start, max(fetched_on) AS fetched_on FROM judged WHERE month_start IS NOT NULL AND reason IS DISTINCT FROM 'unpublished_month' GROUP BY month_start) AS months
LEFT JOIN rates AS lag ON lag.name = 'publication_lag' AND month_start BETWEEN lag.since AND lag.until
LEFT JOIN rates AS rate ON rate.name = 'contribution_rate' AND month_start BETWEEN rate.since AND rate.until
LEFT JOIN rates AS ceiling ON ceiling.name = 'income_ceiling' AND month_start BETWEEN ceiling.since AND ceiling.until
LEFT JOIN rates AS share ON share.name = 'capped_share' AND month_start BETWEEN share.since AND share.until;

INSERT INTO nps_months SELECT month_start FROM nps_in_force;

-- What is kept of the file, month by month: filings/nps.py says where each month goes.
CREATE OR REPLACE TEMP VIEW nps_kept AS
SELECT month_start, company_id, workplace, period_end, headcount, joiners, leavers, billed,
    -- No bill or no heads: no estimate. 0 won a head would be a figure that nobody earns.
    if(billed > 0, round(billed / nullif(headcount, 0) / rate), NULL) AS income_per_head,
    if(billed > 0, billed / nullif(headcount, 0) / rate >= share * ceiling, NULL) AS is_income_capped,
    status, is_site, industry_code, industry, region,
    withdrawn_on, enrolled_on, prefix AS business_number,
    'nps' AS source, filing_id, published_on, row_id
FROM judged JOIN nps_in_force USING (month_start)
WHERE is_kept AND reason IS NULL;

-- The largest workplace speaks for its company; ties go by the label and what is said of it, so that the same rows always give the same answer.
-- Nearly every company has one workplace: only where there are several are they compared.
INSERT INTO nps_companies BY NAME
WITH kept AS (
    SELECT rowid AS place, company_id, month_start, NOT is_site AS is_staff, headcount, workplace, name, prefix, industry, region
    FROM judged WHERE is_kept AND reason IS NULL
), several AS (
    SELECT company_id, month_start FROM kept GROUP BY company_id, month_start HAVING count(*) > 1
), largest AS (
    SELECT arg_max(place, {'is_staff': is_staff, 'headcount': headcount, 'workplace': workplace, 'said': concat_ws('|', name, industry, region)}) AS place
    FROM kept SEMI JOIN several USING (company_id, month_start) GROUP BY company_id, month_start
), speaking AS (
    FROM kept ANTI JOIN several USING (company_id, month_start)
    UNION ALL FROM kept SEMI JOIN largest USING (place)
)
SELECT speaking.* EXCLUDE (place), published_on FROM speaking JOIN nps_in_force USING (month_start);

-- Names that no company had before, by two hashes, which compare faster than two texts.
INSERT INTO nps_workplaces BY NAME
WITH labels AS (
    SELECT company_id, name, month_start FROM judged WHERE is_kept AND reason IS NULL
    UNION ALL SELECT company_id, workplace, month_start FROM judged WHERE is_kept AND reason IS NULL AND NOT is_site AND workplace IS DISTINCT FROM name
), named AS (
    SELECT company_id, name, min(month_start) AS month_start
    FROM (SELECT *, hash(company_id) AS company, hash(name) AS said FROM labels)
    ANTI JOIN (SELECT hash(company_id) AS company, hash(name) AS said FROM nps_known_labels) USING (company, said)
    GROUP BY company_id, name
)
SELECT named.*, published_on FROM named JOIN nps_in_force USING (month_start);
