-- Auditors' opinions: free text, three years in one answer, interim reviews among them.
CREATE OR REPLACE TEMP TABLE judged AS
WITH raw AS (
    SELECT o.*, p.form, month_end(o.stlm_dt) AS stated_on, p.prior_end, p.before_end, received_on(o.rcept_no) AS published_on,
        regexp_replace(coalesce(adt_opinion, ''), '\s', '', 'g') AS words,
        regexp_replace(coalesce(bsns_year, ''), '\s', '', 'g') AS term,
        trim(concat_ws(' / ',
            CASE WHEN NOT is_blank(emphs_matter) THEN trim(emphs_matter) END,
            CASE WHEN NOT is_blank(adt_reprt_spcmnt_matter) THEN trim(adt_reprt_spcmnt_matter) END)) AS emphasis
    FROM raw_accnutAdtorNmNdAdtOpinion o
    LEFT JOIN periods p ON p.rcept_no = o.rcept_no
),
numbered AS (
    -- '제58기(전기)', '제42-1기(당기)': the term's own number, and the newest one in the filing.
    SELECT *, max(number) OVER (PARTITION BY rcept_no, stlm_dt) AS newest,
        regexp_matches(term, '분기|반기|검토') AS is_interim_term
    FROM (SELECT *, try_cast(regexp_extract(term, '([0-9]+)(?:-[0-9]+)?기', 1) AS INTEGER) AS number FROM raw)
),
annual AS (
    SELECT corp_code, stated_on, max(newest) AS newest FROM numbered WHERE form = 'annual' GROUP BY corp_code, stated_on
),
placed AS (
    -- Interim reports often repeat the table of the annual report before, '당기' and all. They are told by its newest number.
    SELECT n.*,
        CASE WHEN n.form <> 'annual' AND n.newest = a.newest
                  AND NOT bool_or(n.number = n.newest AND (n.is_interim_term OR is_blank(n.adt_opinion))) OVER (PARTITION BY n.rcept_no, n.stlm_dt)
             THEN 1 ELSE 0 END AS behind,
        CASE WHEN term LIKE '%전전전%' THEN 3
             WHEN term LIKE '%전전%' THEN 2
             WHEN term LIKE '%전%' AND term NOT LIKE '%당%' THEN 1
             WHEN regexp_matches(term, '당|분기|반기|검토') THEN 0 END AS worded
    FROM numbered n LEFT JOIN annual a ON a.corp_code = n.corp_code AND a.stated_on = n.prior_end
),
termed AS (
    -- Words slip ('당기' for last year) and numbers slip (one number twice): a row is at least as old as either says.
    SELECT *, CASE
        WHEN is_interim_term AND term LIKE '%당%' AND term NOT LIKE '%전%' THEN 0
        WHEN newest - number + behind BETWEEN 0 AND 3 THEN greatest(coalesce(worded, 0), newest - number + behind)
        WHEN worded IS NOT NULL THEN worded
        WHEN regexp_matches(term, '20[0-9]{2}') AND year(stated_on) - try_cast(regexp_extract(term, '(20[0-9]{2})', 1) AS INTEGER) BETWEEN 0 AND 3
             THEN year(stated_on) - try_cast(regexp_extract(term, '(20[0-9]{2})', 1) AS INTEGER) END AS lag
    FROM placed
),
doubted AS (
    -- '계속기업' alone is boilerplate: doubt has to be named beside it. What is said of a subsidiary, and doubt that is denied or
    -- was removed, does not count.
    SELECT *, regexp_replace(
            regexp_replace(
                regexp_replace(emphasis, '(와|과|및)\s*(그\s*)?(종속|관계|공동)(기업|회사)', '\1', 'g'),
                '((종속|관계|공동)(기업|회사)|자회사|피투자)[^.,/\n]{0,40}(의|에\s*대한)\s*계속\s*기업', '', 'g'),
            '계속\s*기업[^.]{0,120}(불확실|불학실|불확식|의문|의심)[^.,/\n]{0,30}(존재하지|제기하지|해소되|해소하였|해소했|해소됨|없음|없습니다|없다)', '', 'g')
        AS own_emphasis
    FROM termed
)
SELECT *,
    -- Gravest first: a disclaimer's text also contains '적정', and so does 부적정. Every review says that it gives no '감사의견'.
    CASE WHEN regexp_matches(words, '거절|겨절') OR words LIKE '%표명하지%' AND words NOT LIKE '%감사의견을표명하지%' THEN 'disclaimer'
         WHEN words LIKE '%부적정%' THEN 'adverse'
         WHEN regexp_matches(words, '한정([^되된하]|$)') THEN 'qualified'
         WHEN words LIKE '%적정%' OR regexp_matches(words, '공정하?게?(표시하고|표시$|$)|^공정') OR words LIKE '%예외사항없음%' OR words LIKE '%위배%발견되지%'
              OR words LIKE '%발견되지아니%' OR words LIKE '%발견되지않%' THEN 'unqualified'
         ELSE 'none' END AS opinion,
    regexp_matches(own_emphasis, '계속\s*기업[^.]{0,120}(불확실|불학실|불확식|의문|의심|존속\s*(능력|여부)에\s*(대한|관한|미칠))') AS is_going_concern,
    NOT (is_blank(adt_opinion) AND is_blank(adtor)) AND coalesce(lag, 0) <= 2 AS is_kept,
    CASE WHEN rcept_no IS NULL AND NOT is_kept THEN NULL
         WHEN receipt_fault(rcept_no) IS NOT NULL THEN receipt_fault(rcept_no)
         WHEN stated_on IS NULL THEN 'bad_date'
         WHEN is_blank(adt_opinion) THEN NULL
         WHEN lag IS NULL THEN 'unknown_term'
    END AS reason,
    json_object('rcept_no', rcept_no, 'corp_code', corp_code, 'stlm_dt', stlm_dt, 'bsns_year', bsns_year, 'adt_opinion', substr(adt_opinion, 1, 200)) AS raw
FROM doubted;

INSERT INTO stage_opinions BY NAME
SELECT DISTINCT 'dart:' || corp_code AS company_id, ends_on AS period_end,
    -- An interim report's own row is a review; its older columns are the audits of the full years before.
    lag > 0 OR (form = 'annual' AND NOT is_interim_term) AS is_annual, lag, opinion,
    -- Paragraphs name executives and owners now and then: only the words that decide are kept, never a whole paragraph.
    CASE WHEN length(adt_opinion) <= 40 THEN trim(adt_opinion)
         ELSE coalesce(nullif(regexp_extract(adt_opinion, telling), ''), nullif(regexp_extract(words, telling), '')) END AS opinion_text,
    coalesce(is_going_concern, false) AS is_going_concern,
    CASE WHEN is_going_concern THEN regexp_replace(regexp_replace(
        trim(coalesce(
            nullif(regexp_extract(own_emphasis, '계속\s*기업[^.\n]{0,120}(불확실|불학실|불확식|의문|의심|존속)[^.\n]{0,40}'), ''),
            regexp_extract(own_emphasis, '계속\s*기업[^.\n]{0,120}'))),
        '(이사|회장|사장|전무|상무|주주|관리인|회계사)((?:였던|이었던|인|겸)?\s*[:：]?\s*)[가-힣]{2,4}([\s,.()·0-9]|$)', '\1\2○○○\3', 'g'),
        '[가-힣]{2,4}(\s+(?:전|前|현)?\s*(?:대표이사|부회장|회장|부사장|사장|전무|상무))', '○○○\1', 'g') END AS emphasis,
    -- The firm only: some rows name its head as well.
    CASE WHEN NOT regexp_matches(firm, '[가-힣A-Za-z]') OR firm LIKE '해당%없%' THEN NULL
         WHEN firm LIKE '회계법인%' THEN firm
         WHEN firm LIKE '%회계법인%' THEN regexp_extract(firm, '^(.*?회계법인)', 1)
         WHEN firm LIKE '%감사반%' THEN regexp_extract(firm, '^(.*?감사반)', 1)
         ELSE nullif(regexp_replace(firm, '(공인)?회계사.*$', ''), '') END AS auditor,
    'opendart' AS source, rcept_no AS filing_id, published_on
FROM (
    SELECT *, CASE lag WHEN 0 THEN stated_on WHEN 1 THEN prior_end WHEN 2 THEN before_end END AS ends_on,
        '.{0,12}' || CASE opinion WHEN 'disclaimer' THEN '(거절|겨절|표명하지)' WHEN 'adverse' THEN '부적정' WHEN 'qualified' THEN '한정(의견|사항)?'
            ELSE '(적정|공정하|예외사항|발견되지)' END || '.{0,12}' AS telling,
        regexp_replace(regexp_replace(coalesce(adtor, ''), '\s', '', 'g'), '(대표|담당|업무집행).*$', '') AS firm
    FROM judged WHERE reason IS NULL AND is_kept AND lag IS NOT NULL
)
WHERE ends_on IS NOT NULL AND (opinion <> 'none' OR is_going_concern);
