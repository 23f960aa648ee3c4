-- judged: rows of the month $month that stand there more than once, in all that is kept of them, count as rejected but for the first.
CREATE OR REPLACE TEMP TABLE nps_repeats AS
WITH kept AS (
    SELECT row_number, row_id FROM judged WHERE month_start = $month AND is_kept AND reason IS NULL
)
SELECT row_number FROM kept SEMI JOIN (SELECT row_id FROM kept GROUP BY row_id HAVING count(*) > 1) USING (row_id)
QUALIFY row_number() OVER (PARTITION BY row_id ORDER BY row_number) > 1;

INSERT INTO stage_rejected BY NAME
SELECT r.file, r.row_number, 'repeated_row' AS reason,
    CAST(json_object('month', nps_harmless(r.month), 'business_number', nps_harmless(r.business_number), 'headcount', nps_harmless(r.headcount)) AS VARCHAR) AS raw,
    'nps' AS source, f.filing_id, f.published_on
FROM raw_nps AS r JOIN nps_repeats USING (row_number)
JOIN (SELECT filing_id, published_on FROM nps_in_force WHERE month_start = $month) AS f ON true
ORDER BY r.row_number;

UPDATE judged SET reason = 'repeated_row' WHERE row_number IN (SELECT row_number FROM nps_repeats);

DROP TABLE nps_repeats;
