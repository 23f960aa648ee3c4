-- Statements: every account of a filing, under ids that change over the years.
-- Table 'concept_map' (concept, statement, statement_rank, id, id_rank, name) is filled from concepts.yaml.

-- Rows carry no date. It is the one that the same filing states elsewhere; else it follows from the business year and the
-- report code, for companies whose annual reports arrive in January to April and whose fiscal year thus ends in December.
CREATE OR REPLACE TEMP TABLE fiscal AS
WITH annual AS (
    SELECT corp_code, bool_or(reprt_code = '11011') AS has_annual,
        bool_or(reprt_code = '11011' AND month(received_on(rcept_no)) <= 4 AND year(received_on(rcept_no)) = CAST(bsns_year AS INTEGER) + 1) AS is_december
    FROM raw_fnlttSinglAcntAll
    WHERE received_on(rcept_no) IS NOT NULL AND regexp_full_match(bsns_year, '20[0-9]{2}')
    GROUP BY corp_code
),
interim AS (
    -- A newcomer without an annual report: its quarterly report arrives 30 to 60 days after a calendar quarter.
    SELECT corp_code, bool_or(date_diff('day',
        last_day(make_date(CAST(bsns_year AS INTEGER), form_months(report_form(reprt_code)), 1)), received_on(rcept_no)) BETWEEN 20 AND 75) AS is_december
    FROM raw_fnlttSinglAcntAll
    WHERE received_on(rcept_no) IS NOT NULL AND regexp_full_match(bsns_year, '20[0-9]{2}') AND reprt_code IN ('11012', '11013', '11014')
    GROUP BY corp_code
)
SELECT corp_code, coalesce(a.is_december, false) OR (NOT coalesce(a.has_annual, false) AND coalesce(i.is_december, false)) AS is_december
FROM annual a FULL JOIN interim i USING (corp_code);

CREATE OR REPLACE TEMP TABLE judged AS
WITH keyed AS (
    SELECT *, report_form(reprt_code) AS form, received_on(rcept_no) AS published_on,
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
    SELECT m.*,
        coalesce(d.period_end,
            CASE WHEN f.is_december AND regexp_full_match(bsns_year, '20[0-9]{2}') AND form <> 'other'
                 THEN last_day(make_date(CAST(bsns_year AS INTEGER), form_months(form), 1)) END) AS period_end
    FROM matched m
    LEFT JOIN stated_dates d ON d.rcept_no = m.rcept_no
    LEFT JOIN fiscal f ON f.corp_code = m.corp_code
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
cells AS (
    -- Balances: this day, and the ends of the fiscal years before.
    SELECT b.*, unnest([0, 1, 2]) AS lag, 0 AS months,
        unnest([period_end, months_before(period_end, form_months(form)), months_before(period_end, form_months(form) + 12)]) AS ends_on,
        unnest([amount(thstrm_amount), amount(frmtrm_amount), amount(bfefrmtrm_amount)]) AS value
    FROM best b WHERE sj_div = 'BS'
    UNION ALL
    -- A full year's flows, with two years before.
    SELECT b.*, unnest([0, 1, 2]), 12, unnest([period_end, months_before(period_end, 12), months_before(period_end, 24)]),
        unnest([amount(thstrm_amount), amount(frmtrm_amount), amount(bfefrmtrm_amount)])
    FROM best b WHERE sj_div <> 'BS' AND form = 'annual'
    UNION ALL
    -- An interim income statement: the column of the quarter and that of the year to date. Cash flows are to date.
    SELECT b.*, 0, unnest([CASE WHEN sj_div <> 'CF' AND form <> 'quarter_1' AND NOT is_blank(thstrm_add_amount) THEN 3 END, form_months(form)]), period_end,
        unnest([amount(thstrm_amount),
            CASE WHEN sj_div = 'CF' OR form = 'quarter_1' THEN coalesce(amount(thstrm_add_amount), amount(thstrm_amount)) ELSE amount(thstrm_add_amount) END])
    FROM best b WHERE sj_div <> 'BS' AND form <> 'annual'
)
SELECT 'dart:' || corp_code AS company_id, concept, fs_div AS basis, ends_on AS period_end, CAST(months AS INTEGER) AS months,
    value, coalesce(nullif(trim(currency), ''), 'KRW') AS unit, lag, 'opendart' AS source, rcept_no AS filing_id, published_on
FROM cells WHERE value IS NOT NULL AND months IS NOT NULL;

INSERT INTO stage_filings BY NAME
SELECT DISTINCT 'dart:' || corp_code AS company_id, form, period_end,
    'https://dart.fss.or.kr/dsaf001/main.do?rcpNo=' || rcept_no AS url, 'opendart' AS source, rcept_no AS filing_id, published_on
FROM judged WHERE reason IS NULL AND period_end IS NOT NULL AND published_on IS NOT NULL;

INSERT INTO seen_companies
SELECT corp_code, max_by(corp_name, rcept_no), max_by(stock_code, rcept_no), max(rcept_no),
    max_by(month(period_end), rcept_no) FILTER (form = 'annual' AND period_end IS NOT NULL)
FROM judged WHERE published_on IS NOT NULL AND corp_code IS NOT NULL AND reason IS NULL
GROUP BY corp_code;
