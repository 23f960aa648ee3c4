-- Employees per division and sex, with or without rows that are totals of the others: nobody is counted twice.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT e.*, p.form, p.months, month_end(stlm_dt) AS period_end, received_on(e.rcept_no) AS published_on,
    regexp_replace(coalesce(fo_bbm, ''), '[\s()]', '', 'g') AS division,
    coalesce(amount(sm), amount(rgllbr_co) + coalesce(amount(cnttk_co), 0), amount(cnttk_co)) AS heads,
    NOT (is_blank(sm) AND is_blank(rgllbr_co) AND is_blank(cnttk_co)) AS is_kept,
    CASE WHEN e.rcept_no IS NULL AND NOT is_kept THEN NULL
         WHEN receipt_fault(e.rcept_no) IS NOT NULL THEN receipt_fault(e.rcept_no)
         WHEN day(stlm_dt) IS NULL THEN 'bad_date'
         WHEN is_bad(sm) OR (is_blank(sm) AND (is_bad(rgllbr_co) OR is_bad(cnttk_co))) THEN 'bad_number'
         -- Nobody in Korea employs ten million people: another figure stands in the column of heads.
         WHEN greatest(abs(amount(sm)), abs(amount(rgllbr_co)), abs(amount(cnttk_co))) > 1e7 THEN 'bad_number'
    END AS reason,
    json_object('rcept_no', e.rcept_no, 'corp_code', e.corp_code, 'stlm_dt', stlm_dt, 'fo_bbm', fo_bbm, 'sexdstn', sexdstn, 'sm', sm) AS raw
FROM raw_empSttus e LEFT JOIN periods p ON p.rcept_no = e.rcept_no;

CREATE OR REPLACE TEMP TABLE divisions AS
WITH d AS (
    SELECT corp_code, rcept_no, published_on, period_end, form, months, division,
        sum(heads) AS heads, sum(amount(rgllbr_co)) AS regular, sum(amount(cnttk_co)) AS contract,
        sum(amount(fyer_salary_totamt)) AS payroll,
        regexp_full_match(division, '.*([합총소누][계게]|총합|총원)') OR division IN ('계', '회사계', '전체계') AS is_named_total,
        division IN ('전체', '전사', '회사전체', '전체사업', '전사업부', '전사업부문', '전부문', '전사사업부', '전체사업부', '회사', '당사') AS is_perhaps_total
    FROM judged WHERE reason IS NULL AND is_kept
    GROUP BY ALL
)
SELECT *, sum(heads) OVER filing AS all_heads,
    sum(CASE WHEN is_named_total THEN 0 ELSE heads END) OVER filing AS part_heads
FROM d WINDOW filing AS (PARTITION BY rcept_no, period_end);

INSERT INTO stage_headcounts BY NAME
WITH counted AS (
    SELECT *, CASE
        -- Rows named as totals count only where nothing else was filed, and then once: the largest of them.
        WHEN part_heads = 0 OR part_heads IS NULL
            THEN row_number() OVER (PARTITION BY rcept_no, period_end ORDER BY heads DESC, division) = 1
        WHEN is_named_total THEN false
        -- 'whole company' beside divisions that add up to it is a total too.
        WHEN is_perhaps_total AND heads * 2 = part_heads THEN false
        ELSE true END AS is_counted
    FROM divisions
),
sums AS (
    SELECT corp_code, rcept_no, published_on, period_end, form, months,
        sum(heads) FILTER (is_counted) AS headcount, sum(regular) FILTER (is_counted) AS regular, sum(contract) FILTER (is_counted) AS contract,
        -- Pay is often stated in the total rows only, or not for every division.
        coalesce(max(payroll) FILTER (is_named_total), sum(payroll) FILTER (is_counted)) AS payroll
    FROM counted GROUP BY ALL
)
SELECT 'dart:' || corp_code AS company_id, 'listed' AS kind, period_end, CAST(headcount AS INTEGER) AS headcount,
    CAST(regular AS INTEGER) AS regular, CAST(contract AS INTEGER) AS contract,
    -- Pay of the fiscal year to date: unknown where a year's report covers no whole year, or nobody knows how much of one.
    -- The table does not state its unit. Pay a head and year lies between 1 million and 10 billion won
    -- in exactly one of won, thousands and millions; outside all three it is unknown.
    CASE WHEN headcount > 0 AND months IS NOT NULL AND (form <> 'annual' OR months = 12) THEN payroll * (
        CASE WHEN payroll / headcount * 12 / months BETWEEN 1e6 AND 1e10 THEN 1
             WHEN payroll / headcount * 12 / months BETWEEN 1e3 AND 1e6 THEN 1e3
             WHEN payroll / headcount * 12 / months BETWEEN 1 AND 1e3 THEN 1e6 END) END AS payroll,
    false AS is_site, 'opendart' AS source, rcept_no AS filing_id, published_on
FROM sums WHERE headcount IS NOT NULL;
