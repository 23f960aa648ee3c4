-- Auditors' opinions: free text, three years in one answer, interim reviews among them.
CREATE OR REPLACE TEMP TABLE judged AS
WITH raw AS (
    SELECT o.*, day(o.stlm_dt) AS stated_on, received_on(o.rcept_no) AS published_on,
        coalesce(f.form, report_form(o.report)) AS form,
        regexp_replace(coalesce(adt_opinion, ''), '\s', '', 'g') AS words,
        regexp_replace(coalesce(bsns_year, ''), '\s', '', 'g') AS term,
        trim(concat_ws(' / ',
            CASE WHEN NOT is_blank(emphs_matter) THEN trim(emphs_matter) END,
            CASE WHEN NOT is_blank(adt_reprt_spcmnt_matter) THEN trim(adt_reprt_spcmnt_matter) END)) AS emphasis
    FROM raw_accnutAdtorNmNdAdtOpinion o
    LEFT JOIN filing_forms f ON f.rcept_no = o.rcept_no
),
read AS (
    SELECT *,
        CASE WHEN term LIKE '%전전전%' THEN 3 WHEN term LIKE '%전전%' THEN 2
             WHEN term LIKE '%전%' AND term NOT LIKE '%당%' THEN 1
             WHEN regexp_matches(term, '당|분기|반기|검토') THEN 0 END AS worded_lag,
        max(try_cast(regexp_extract(term, '제?([0-9]+)기', 1) AS INTEGER)) OVER (PARTITION BY rcept_no, stlm_dt)
            - try_cast(regexp_extract(term, '제?([0-9]+)기', 1) AS INTEGER) AS numbered_lag
    FROM raw
),
termed AS (
    -- Words slip (an interim report calls last year 당기, too), numbers do not; but numbers alone do not say whether the newest
    -- row is this year's or last year's. So: the number's distance, moved by what the words of the filing say at the most.
    SELECT *,
        coalesce(
            numbered_lag + greatest(0, max(worded_lag - numbered_lag) OVER (PARTITION BY rcept_no, stlm_dt)),
            numbered_lag, worded_lag,
            CASE WHEN regexp_matches(term, '20[0-9]{2}') AND year(stated_on) - CAST(regexp_extract(term, '(20[0-9]{2})', 1) AS INTEGER) BETWEEN 0 AND 3
                 THEN year(stated_on) - CAST(regexp_extract(term, '(20[0-9]{2})', 1) AS INTEGER) END) AS lag
    FROM read
)
SELECT *,
    -- Gravest first: a disclaimer's text also contains '적정', and so does 부적정.
    CASE WHEN words LIKE '%거절%' OR words LIKE '%표명하지%' THEN 'disclaimer'
         WHEN words LIKE '%부적정%' THEN 'adverse'
         WHEN words LIKE '%한정%' THEN 'qualified'
         WHEN words LIKE '%적정%' OR regexp_matches(words, '공정하?게?(표시하고|표시$|$)|^공정') OR words LIKE '%예외사항없음%' OR words LIKE '%위배%발견되지%'
              OR words LIKE '%발견되지아니%' OR words LIKE '%발견되지않%' THEN 'unqualified'
         ELSE 'none' END AS opinion,
    -- '계속기업' alone is boilerplate: doubt has to be named beside it, and not be denied.
    regexp_matches(emphasis, '계속기업[^.]{0,120}(불확실|의문|의심|존속)') AND NOT regexp_matches(emphasis, '계속기업[^.]{0,120}(불확실|의문|의심)[^.]{0,60}(존재하지|해소|없음|없습니다|않습니다|아니합니다|않음)')
        AS is_going_concern,
    NOT (is_blank(adt_opinion) AND is_blank(adtor)) AS is_kept,
    CASE WHEN rcept_no IS NULL AND adt_opinion IS NULL THEN NULL
         WHEN receipt_fault(rcept_no) IS NOT NULL THEN receipt_fault(rcept_no)
         WHEN stated_on IS NULL THEN 'bad_date'
         WHEN is_blank(adt_opinion) THEN NULL
         WHEN lag IS NULL OR lag > 3 THEN 'unknown_term'
    END AS reason,
    json_object('rcept_no', rcept_no, 'corp_code', corp_code, 'stlm_dt', stlm_dt, 'bsns_year', bsns_year, 'adt_opinion', substr(adt_opinion, 1, 200)) AS raw
FROM termed;

INSERT INTO stage_opinions BY NAME
SELECT DISTINCT 'dart:' || corp_code AS company_id,
    -- An interim report's own row is a review; its older columns are the audits of the full years before.
    CASE WHEN lag = 0 OR form = 'other' THEN stated_on
         WHEN form = 'annual' THEN months_before(stated_on, 12 * lag)
         ELSE months_before(stated_on, form_months(form) + 12 * (lag - 1)) END AS period_end,
    lag > 0 OR (form = 'annual' AND NOT regexp_matches(term, '분기|반기|검토')) AS is_annual, lag, opinion,
    -- Paragraphs name executives and owners now and then: only the words that decide are kept, never a whole paragraph.
    CASE WHEN length(adt_opinion) <= 40 THEN trim(adt_opinion)
         ELSE regexp_extract(adt_opinion, '.{0,12}(의견거절|거절|부적정|한정|적정|공정하게|발견되지).{0,12}') END AS opinion_text,
    coalesce(is_going_concern, false) AS is_going_concern,
    CASE WHEN is_going_concern THEN regexp_replace(trim(regexp_extract(emphasis, '계속기업[^.\n]{0,120}')),
        '(이사|회장|사장|전무|상무|주주|관리인|회계사)((?:였던|이었던|인|겸)?\s*[:：]?\s*)[가-힣]{2,4}([\s,.()·0-9]|$)', '\1\2○○○\3', 'g') END AS emphasis,
    -- The firm only: some rows name its head as well.
    CASE WHEN is_blank(adtor) OR NOT regexp_matches(adtor, '[가-힣A-Za-z]{2}') OR trim(adtor) = '회계법인' THEN NULL
         WHEN adtor LIKE '%회계법인%' THEN trim(regexp_extract(adtor, '^(.*?회계법인)', 1))
         ELSE trim(regexp_replace(adtor, '(대표|담당|업무집행|공인회계사|회계사).*$', '')) END AS auditor,
    'opendart' AS source, rcept_no AS filing_id, published_on
FROM judged WHERE reason IS NULL AND is_kept AND lag IS NOT NULL AND (opinion <> 'none' OR is_going_concern);
