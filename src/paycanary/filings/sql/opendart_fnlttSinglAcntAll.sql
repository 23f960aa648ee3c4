-- Statements: every account of a filing, under ids that change over the years. Rows carry no date: see opendart_undated.sql.
-- Table 'concept_map' (concept, statement, statement_rank, id, id_rank, name) is filled from concepts.yaml.
CREATE OR REPLACE TEMP TABLE judged AS
WITH keyed AS (
    SELECT *, received_on(rcept_no) AS published_on,
        CASE WHEN regexp_matches(account_id, '^(ifrs-full|ifrs|dart)_') THEN regexp_replace(account_id, '^(ifrs-full|ifrs|dart)_', '') END AS id,
        -- 'I. 영업활동 현금흐름', '법인세비용차감전순이익(손실)' without numbering, blanks and brackets
        regexp_replace(regexp_replace(account_nm, '^\s*[IVXⅠ-Ⅻ0-9]+\s*[.)]\s*', ''), '[^가-힣A-Za-z0-9]', '', 'g') AS name
    FROM raw_fnlttSinglAcntAll
),
matched AS (
    SELECT k.*, coalesce(i.concept, n.concept) AS concept,
        coalesce(i.statement_rank, n.statement_rank) * 100 + coalesce(i.id_rank, 50) AS preference
    FROM keyed k
    LEFT JOIN concept_map i ON i.statement = k.sj_div AND i.id = k.id
    LEFT JOIN concept_map n ON n.statement = k.sj_div AND n.name = k.name AND k.id IS NULL
),
dated AS (
    SELECT m.*, coalesce(p.form, report_form(reprt_code)) AS form, p.period_end, p.months AS covered, p.prior_end, p.prior_months, p.before_end, p.before_months
    FROM matched m LEFT JOIN periods p ON p.rcept_no = m.rcept_no
)
SELECT *, concept IS NOT NULL AND form <> 'other'
        AND NOT (is_blank(thstrm_amount) AND is_blank(thstrm_add_amount) AND is_blank(frmtrm_amount) AND is_blank(bfefrmtrm_amount)) AS is_kept,
    CASE WHEN collect_status = 'no_data' THEN NULL
         WHEN coalesce(collect_status, 'collected') <> 'collected' THEN 'not_collected'
         WHEN receipt_fault(rcept_no) IS NOT NULL THEN receipt_fault(rcept_no)
         WHEN concept IS NULL THEN NULL
         WHEN is_bad(thstrm_amount) OR is_bad(thstrm_add_amount) OR is_bad(frmtrm_amount) OR is_bad(bfefrmtrm_amount) THEN 'bad_number'
         WHEN period_end IS NULL THEN 'unknown_fiscal_month'
    END AS reason,
    json_object('rcept_no', rcept_no, 'corp_code', corp_code, 'bsns_year', bsns_year, 'reprt_code', reprt_code, 'fs_div', fs_div,
        'account_id', account_id, 'account_nm', account_nm, 'thstrm_amount', thstrm_amount) AS raw
FROM dated;

INSERT INTO stage_facts BY NAME
WITH best AS (
    -- The same figure stands in IS and CIS, or under an id and a name: one row a filing, basis and concept.
    SELECT * FROM judged WHERE reason IS NULL AND is_kept
    QUALIFY row_number() OVER (
        PARTITION BY rcept_no, bsns_year, fs_div, concept
        ORDER BY is_blank(thstrm_amount), preference, try_cast(ord AS INTEGER), account_nm) = 1
),
closing AS (
    -- Cash at the end of the period, as the cash flow statement ends with it.
    SELECT rcept_no, bsns_year, fs_div, max(amount(thstrm_amount)) AS cash
    FROM judged WHERE sj_div = 'CF' AND (id = 'CashAndCashEquivalentsAtEndOfPeriodCf' OR name = '기말현금및현금성자산')
    GROUP BY ALL HAVING count(DISTINCT thstrm_amount) = 1
),
lines AS (
    -- A balance sheet that shows a financial business apart has a line of the same name in either part. None of them alone is the
    -- company's: cash is their sum, where the cash flow statement ends with that sum; anything else is unknown.
    SELECT rcept_no, bsns_year, fs_div, concept, count(*) AS count,
        sum(now) AS now, sum(prior) AS prior, sum(before) AS before
    FROM (
        SELECT DISTINCT rcept_no, bsns_year, fs_div, concept, amount(thstrm_amount) AS now, amount(frmtrm_amount) AS prior, amount(bfefrmtrm_amount) AS before
        FROM (
            SELECT * FROM judged WHERE reason IS NULL AND is_kept AND sj_div = 'BS' AND NOT is_blank(thstrm_amount)
            QUALIFY rank() OVER (PARTITION BY rcept_no, bsns_year, fs_div, concept ORDER BY preference) = 1
        )
    )
    GROUP BY ALL HAVING count(*) > 1
),
balances AS (
    SELECT b.*, l.count IS NULL OR (b.concept = 'cash' AND l.now = c.cash) AS is_told,
        coalesce(l.now, amount(b.thstrm_amount)) AS now, coalesce(l.prior, amount(b.frmtrm_amount)) AS prior, coalesce(l.before, amount(b.bfefrmtrm_amount)) AS before
    FROM best b LEFT JOIN lines l USING (rcept_no, bsns_year, fs_div, concept) LEFT JOIN closing c USING (rcept_no, bsns_year, fs_div)
    WHERE b.sj_div = 'BS'
),
cells AS (
    -- Balances: this day, and the ends of the fiscal years before.
    SELECT b.* EXCLUDE (is_told, now, prior, before), unnest([0, 1, 2]) AS lag, 0 AS months,
        unnest([period_end, prior_end, before_end]) AS ends_on, unnest([now, prior, before]) AS value
    FROM balances b WHERE is_told
    UNION ALL
    -- A full year's flows, with two years before.
    SELECT b.*, unnest([0, 1, 2]), unnest([covered, prior_months, before_months]), unnest([period_end, prior_end, before_end]),
        unnest([amount(thstrm_amount), amount(frmtrm_amount), amount(bfefrmtrm_amount)])
    FROM best b WHERE sj_div <> 'BS' AND form = 'annual'
    UNION ALL
    -- An interim income statement: the column of the quarter and that of the year to date. Cash flows are to date.
    SELECT b.*, 0, unnest([CASE WHEN sj_div <> 'CF' AND covered > 3 AND NOT is_blank(thstrm_add_amount) THEN 3 END, covered]), period_end,
        unnest([amount(thstrm_amount),
            CASE WHEN sj_div = 'CF' OR covered = 3 THEN coalesce(amount(thstrm_add_amount), amount(thstrm_amount)) ELSE amount(thstrm_add_amount) END])
    FROM best b WHERE sj_div <> 'BS' AND form <> 'annual'
)
SELECT 'dart:' || corp_code AS company_id, concept, fs_div AS basis, ends_on AS period_end, CAST(months AS INTEGER) AS months,
    value, coalesce(nullif(trim(currency), ''), 'KRW') AS unit, lag, 'opendart' AS source, rcept_no AS filing_id, published_on
FROM cells WHERE value IS NOT NULL AND months IS NOT NULL AND ends_on IS NOT NULL;

INSERT INTO stage_filings BY NAME
SELECT DISTINCT 'dart:' || corp_code AS company_id, form, period_end,
    'https://dart.fss.or.kr/dsaf001/main.do?rcpNo=' || rcept_no AS url, 'opendart' AS source, rcept_no AS filing_id, published_on
FROM judged WHERE reason IS NULL AND period_end IS NOT NULL AND published_on IS NOT NULL;

INSERT INTO seen_companies
SELECT corp_code, max_by(corp_name, rcept_no), max_by(stock_code, rcept_no), max(rcept_no),
    max_by(month(period_end), rcept_no) FILTER (form = 'annual' AND period_end IS NOT NULL)
FROM judged WHERE published_on IS NOT NULL AND corp_code IS NOT NULL AND reason IS NULL
GROUP BY corp_code;
