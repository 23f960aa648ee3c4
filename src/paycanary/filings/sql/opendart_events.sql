-- Reports of material facts (DS005): default, suspension, rehabilitation, dissolution, management by creditor banks, suits.
-- What is kept of a text is short: who applied, who sues and who explains is a person's name at times.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT *, '{kind}' AS kind, received_on(rcept_no) AS published_on, NOT is_empty AS is_kept,
    CASE WHEN is_empty THEN NULL
         WHEN receipt_fault(rcept_no) IS NOT NULL THEN receipt_fault(rcept_no)
         WHEN corp_code IS NULL THEN 'no_company' END AS reason,
    json_object('rcept_no', rcept_no, 'corp_code', corp_code) AS raw
FROM {raw};

INSERT INTO stage_notices BY NAME
SELECT DISTINCT 'dart:' || corp_code AS company_id, kind,
    -- Days that are missing or lie far off the filing are slips: the filing's own day is certain.
    CASE WHEN {day} BETWEEN published_on - INTERVAL 2 YEAR AND published_on + INTERVAL 2 YEAR THEN {day} ELSE published_on END AS event_on,
    {category} AS category, nullif(substr(regexp_replace(trim({detail}), '\s+', ' ', 'g'), 1, 120), '-') AS detail,
    {amount} AS amount, 'opendart' AS source, rcept_no AS filing_id, published_on
FROM judged WHERE reason IS NULL AND is_kept;

INSERT INTO seen_companies
SELECT corp_code, max_by(corp_name, rcept_no), CAST(NULL AS VARCHAR), max(rcept_no), CAST(NULL AS INTEGER)
FROM judged WHERE reason IS NULL AND is_kept GROUP BY corp_code;
