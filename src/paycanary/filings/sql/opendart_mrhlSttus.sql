-- Minority shareholders: how many there are, what part they hold, and how many shares there are in all.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT *, month_end(stlm_dt) AS period_end, received_on(rcept_no) AS published_on,
    NOT (is_blank(shrholdr_co) AND is_blank(hold_stock_rate) AND is_blank(stock_tot_co)) AS is_kept,
    CASE WHEN rcept_no IS NULL AND NOT is_kept THEN NULL
         WHEN receipt_fault(rcept_no) IS NOT NULL THEN receipt_fault(rcept_no)
         WHEN day(stlm_dt) IS NULL THEN 'bad_date'
         WHEN is_bad(shrholdr_co) OR is_bad(hold_stock_rate) OR is_bad(stock_tot_co) THEN 'bad_number'
    END AS reason,
    json_object('rcept_no', rcept_no, 'corp_code', corp_code, 'stlm_dt', stlm_dt, 'shrholdr_co', shrholdr_co,
        'hold_stock_rate', hold_stock_rate, 'stock_tot_co', stock_tot_co) AS raw
FROM raw_mrhlSttus;

INSERT INTO stage_facts BY NAME
SELECT 'dart:' || corp_code AS company_id, concept, NULL AS basis, period_end, 0 AS months, value, unit, 0 AS lag,
    'opendart' AS source, rcept_no AS filing_id, published_on
FROM (
    SELECT *, unnest(['minority_shareholders', 'minority_share_ratio', 'shares_outstanding']) AS concept,
        unnest([amount(shrholdr_co), amount(hold_stock_rate) / 100, amount(stock_tot_co)]) AS value,
        unnest(['persons', 'ratio', 'shares']) AS unit
    FROM judged WHERE reason IS NULL AND is_kept
)
WHERE value IS NOT NULL;
