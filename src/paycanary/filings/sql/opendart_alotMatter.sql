-- Dividend table: it holds the net income of three years and the cash dividends paid for them, in millions of won.
-- An interim report's first column is the year to date. Its other columns hold full years in most reports and last year's
-- interim period in some: a full year is the same in every report of a year, an interim period never is. So they are taken where two
-- reports of different length agree, as a concept of its own. A report whose length is unknown (see periods) is skipped.
CREATE OR REPLACE TEMP TABLE judged AS
WITH raw AS (
    SELECT a.*, p.form, p.months, p.prior_end, p.prior_months, p.before_end, p.before_months, month_end(a.stlm_dt) AS period_end,
        CASE WHEN se LIKE '%당기순이익%' THEN CASE WHEN se LIKE '%연결%' THEN 'CFS' WHEN se LIKE '%별도%' THEN 'OFS' END END AS basis,
        se LIKE '현금배당금총액%' AND p.form = 'annual' AS is_dividend,
        received_on(a.rcept_no) AS published_on
    FROM raw_alotMatter a LEFT JOIN periods p ON p.rcept_no = a.rcept_no
),
-- Earnings a share and the number of shares tell whether the figure really is in millions.
implied AS (
    SELECT n.file, n.row_number, abs(amount(n.thstrm)) * 1e6 / e.per_share / s.shares AS share_ratio
    FROM raw n
    JOIN (SELECT rcept_no, max(abs(amount(thstrm))) AS per_share FROM raw WHERE se LIKE '(연결)주당순이익%' GROUP BY rcept_no) e
        ON e.rcept_no = n.rcept_no
    JOIN (SELECT rcept_no, max(amount(stock_tot_co)) AS shares FROM raw_mrhlSttus GROUP BY rcept_no) s ON s.rcept_no = n.rcept_no
    WHERE n.basis = 'CFS' AND e.per_share > 0 AND s.shares > 0
)
SELECT raw.*, i.share_ratio,
    (basis IS NOT NULL OR is_dividend) AND months IS NOT NULL
        AND NOT (is_blank(thstrm) AND is_blank(frmtrm) AND is_blank(lwfr)) AS is_kept,
    CASE WHEN rcept_no IS NULL AND NOT is_kept THEN NULL
         WHEN receipt_fault(rcept_no) IS NOT NULL THEN receipt_fault(rcept_no)
         WHEN period_end IS NULL THEN 'bad_date'
         WHEN (basis IS NOT NULL OR is_dividend) AND (is_bad(thstrm) OR is_bad(frmtrm) OR is_bad(lwfr)) THEN 'bad_number'
         WHEN basis IS NOT NULL AND (abs(amount(thstrm)) > 1e8 OR i.share_ratio BETWEEN 500 AND 2000 OR i.share_ratio BETWEEN 5e5 AND 2e6) THEN 'unit_conflict'
    END AS reason,
    json_object('rcept_no', rcept_no, 'corp_code', corp_code, 'stlm_dt', stlm_dt, 'se', se, 'thstrm', thstrm, 'frmtrm', frmtrm, 'lwfr', lwfr) AS raw
FROM raw LEFT JOIN implied i USING (file, row_number);

CREATE OR REPLACE TEMP TABLE columns AS
SELECT *, unnest([0, 1, 2]) AS lag, unnest([period_end, prior_end, before_end]) AS ends_on,
    unnest([months, prior_months, before_months]) AS covered, unnest([amount(thstrm), amount(frmtrm), amount(lwfr)]) AS value
FROM judged WHERE reason IS NULL AND is_kept;

INSERT INTO stage_facts BY NAME
SELECT 'dart:' || corp_code AS company_id,
    CASE WHEN is_dividend THEN 'cash_dividends' WHEN lag = 0 OR form = 'annual' THEN 'net_income' ELSE 'net_income_comparative' END AS concept,
    basis, ends_on AS period_end, covered AS months, value * 1e6 AS value, 'KRW' AS unit, lag, 'opendart' AS source,
    rcept_no AS filing_id, published_on
FROM columns c
WHERE value IS NOT NULL AND covered IS NOT NULL AND (lag = 0 OR form = 'annual' OR EXISTS (
    SELECT 1 FROM columns o
    WHERE o.corp_code = c.corp_code AND o.se = c.se AND o.lag = c.lag AND o.ends_on = c.ends_on AND o.value = c.value
        AND o.form <> 'annual' AND o.months <> c.months AND o.rcept_no < c.rcept_no));
