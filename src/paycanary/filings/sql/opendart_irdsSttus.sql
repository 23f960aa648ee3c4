-- Share issues and reductions. Every report lists those of several years again: the first sighting is kept.
CREATE OR REPLACE TEMP TABLE judged AS
WITH totals AS (
    SELECT rcept_no, max(amount(stock_tot_co)) AS shares FROM raw_mrhlSttus GROUP BY rcept_no
)
SELECT i.*, day(isu_dcrs_de) AS changed_on, received_on(i.rcept_no) AS published_on,
    NOT (is_blank(isu_dcrs_de) AND is_blank(isu_dcrs_qy)) AS is_kept,
    CASE WHEN i.rcept_no IS NULL AND NOT is_kept THEN NULL
         WHEN receipt_fault(i.rcept_no) IS NOT NULL THEN receipt_fault(i.rcept_no)
         WHEN is_blank(isu_dcrs_de) AND is_blank(isu_dcrs_qy) THEN NULL
         WHEN day(isu_dcrs_de) IS NULL THEN 'bad_date'
         WHEN is_bad(isu_dcrs_qy) OR is_bad(isu_dcrs_mstvdv_amount) THEN 'bad_number'
         -- Far more new shares than the same report says there are in all: the whole table is a thousand or a million times too large.
         WHEN bool_or(abs(amount(isu_dcrs_qy)) > 20 * coalesce(nullif(t.shares, 0), 1e10)) OVER (PARTITION BY i.rcept_no) THEN 'unit_conflict'
    END AS reason,
    json_object('rcept_no', i.rcept_no, 'corp_code', corp_code, 'isu_dcrs_de', isu_dcrs_de, 'isu_dcrs_stle', isu_dcrs_stle,
        'isu_dcrs_qy', isu_dcrs_qy, 'isu_dcrs_mstvdv_amount', isu_dcrs_mstvdv_amount) AS raw
FROM raw_irdsSttus i LEFT JOIN totals t ON t.rcept_no = i.rcept_no;

INSERT INTO stage_capital_changes BY NAME
WITH changes AS (
    SELECT corp_code, rcept_no, published_on, changed_on, isu_dcrs_stle AS form, isu_dcrs_stock_knd AS stock_kind,
        amount(isu_dcrs_mstvdv_fval_amount) AS par_value,
        -- No share has a par value above 10,000 won and none was ever sold for ten million: those columns hold the whole amount, or
        -- are a thousand or a million times too large. The price is then unknown.
        CASE WHEN amount(isu_dcrs_mstvdv_amount) <= 1e7 AND coalesce(amount(isu_dcrs_mstvdv_fval_amount), 0) <= 1e4
             THEN amount(isu_dcrs_mstvdv_amount) END AS price,
        sum(amount(isu_dcrs_qy)) AS shares
    FROM judged WHERE reason IS NULL AND is_kept GROUP BY ALL
),
first_seen AS (
    SELECT *, row_number() OVER (
        PARTITION BY corp_code, changed_on, form, stock_kind, par_value, price, shares ORDER BY published_on, rcept_no) AS sighting
    FROM changes
)
SELECT 'dart:' || corp_code AS company_id, changed_on, form,
    CASE WHEN form LIKE '유상증자%' THEN 'paid_in' WHEN form = '전환권행사' THEN 'conversion' WHEN form = '신주인수권행사' THEN 'warrant'
         WHEN form = '주식매수선택권행사' THEN 'option' WHEN form IN ('무상증자', '주식배당') THEN 'bonus' WHEN form = '주식분할' THEN 'split'
         WHEN form = '출자전환' THEN 'debt_to_equity' WHEN form = '현물출자' THEN 'in_kind' WHEN form = '상환권행사' THEN 'redemption'
         WHEN form LIKE '%감자' THEN 'reduction' ELSE 'other' END AS category,
    stock_kind, shares, par_value, price,
    -- No sale of shares in Korea has brought thirteen trillion won.
    CASE WHEN shares > 0 AND price > 0 AND shares * price < 1.3e13 AND (form LIKE '유상증자%' OR form IN ('전환권행사', '신주인수권행사', '주식매수선택권행사')) THEN shares * price END AS proceeds,
    'opendart' AS source, rcept_no AS filing_id, published_on
FROM first_seen WHERE sighting = 1;
