-- judged: rows of the month $month that stand there more than once, in all that is kept of them, count as rejected but for the first.
CREATE OR REPLACE TEMP TABLE nps_repeats AS
SELECT row_number FROM (
    SELECT row_number, row_number() OVER (
        PARTITION BY company_id, workplace, headcount, joiners, leavers, billed, status, industry_code, industry, region, withdrawn_on, enrolled_on
        ORDER BY row_number) AS place
    FROM judged WHERE month_start = $month AND is_kept AND reason IS NULL)
WHERE place > 1;

INSERT INTO stage_rejected BY NAME
SELECT r.file, r.row_number, 'repeated_row' AS reason,
    CAST(json_object('month', nps_harmless(r.month), 'business_number', nps_harmless(r.business_number), 'headcount', nps_harmless(r.headcount)) AS VARCHAR) AS raw,
    'nps' AS source, f.filing_id, f.published_on
FROM raw_nps AS r JOIN nps_repeats USING (row_number)
JOIN (SELECT 'nps:' || strftime(month_start, '%Y-%m') AS filing_id, published_on FROM nps_in_force WHERE month_start = $month) AS f ON true
ORDER BY r.row_number;

UPDATE judged SET reason = 'repeated_row' WHERE row_number IN (SELECT row_number FROM nps_repeats);

DROP TABLE nps_repeats;
