-- Corporate bonds outstanding by time to maturity; the row of totals only. A dash there is how "none" is filed.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT *, month_end(stlm_dt) AS period_end, received_on(rcept_no) AS published_on,
    coalesce(remndr_exprtn2 = '합계', false) AS is_kept,
    CASE WHEN rcept_no IS NULL AND NOT is_kept THEN NULL
         WHEN receipt_fault(rcept_no) IS NOT NULL THEN receipt_fault(rcept_no)
         WHEN day(stlm_dt) IS NULL THEN 'bad_date'
         WHEN remndr_exprtn2 = '합계' AND (is_bad(sm) OR is_bad(yy1_below)) THEN 'bad_number'
         -- Won are asked for; bonds of less than ten million won in all are millions or thousands.
         WHEN remndr_exprtn2 = '합계' AND (amount(sm) BETWEEN 1 AND 1e7 OR amount(yy1_below) BETWEEN 1 AND 1e6) THEN 'unit_conflict'
    END AS reason,
    json_object('rcept_no', rcept_no, 'corp_code', corp_code, 'stlm_dt', stlm_dt, 'remndr_exprtn2', remndr_exprtn2, 'sm', sm, 'yy1_below', yy1_below) AS raw
FROM raw_cprndNrdmpBlce;

INSERT INTO stage_facts BY NAME
SELECT 'dart:' || corp_code AS company_id, concept, NULL AS basis, period_end, 0 AS months, value, 'KRW' AS unit, 0 AS lag,
    'opendart' AS source, rcept_no AS filing_id, published_on
FROM (
    SELECT *, unnest(['bonds_outstanding', 'bonds_due_within_1y']) AS concept,
        unnest([coalesce(amount(sm), 0), coalesce(amount(yy1_below), 0)]) AS value
    FROM judged WHERE reason IS NULL AND is_kept
);
