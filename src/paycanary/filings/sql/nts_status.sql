-- The state of a business number on the day of asking.
CREATE OR REPLACE TEMP TABLE judged AS
WITH plain AS (
    SELECT *, CASE b_stt_cd WHEN '01' THEN 'continuing' WHEN '02' THEN 'suspended' WHEN '03' THEN 'closed'
                  WHEN '' THEN 'unregistered' END AS category,
        day(nullif(end_dt, '')) AS ended_on
    FROM raw_lines
)
SELECT *, NOT is_empty AS is_kept, 'nts:' || coalesce(b_no, '') || ':' || fetched_on AS filing_id, fetched_on AS published_on,
    CASE WHEN is_empty THEN NULL
         WHEN b_no IS NULL OR NOT regexp_full_match(b_no, '[0-9]{10}') THEN 'no_company'
         WHEN category IS NULL THEN 'unknown_code'
         WHEN NOT is_blank(end_dt) AND ended_on IS NULL THEN 'bad_date' END AS reason,
    json_object('b_no', b_no, 'b_stt_cd', b_stt_cd, 'end_dt', end_dt) AS raw
FROM plain;

INSERT INTO stage_notices BY NAME
SELECT 'nts:' || b_no AS company_id, 'business_status' AS kind, published_on AS event_on, category,
    coalesce(nullif(b_stt, ''), nullif(tax_type, '')) AS detail, 'nts' AS source, filing_id, published_on
FROM judged WHERE reason IS NULL AND is_kept
UNION ALL BY NAME
SELECT 'nts:' || b_no AS company_id, 'business_closure' AS kind, ended_on AS event_on, category, nullif(b_stt, '') AS detail,
    'nts' AS source, filing_id, published_on
FROM judged WHERE reason IS NULL AND is_kept AND category = 'closed' AND ended_on IS NOT NULL;

INSERT INTO stage_companies BY NAME
SELECT DISTINCT 'nts:' || b_no AS company_id, b_no AS business_number, 'nts' AS source, filing_id, published_on
FROM judged WHERE reason IS NULL AND is_kept AND category <> 'unregistered';
