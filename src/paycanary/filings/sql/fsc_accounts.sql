-- getBs_V2 and getIncoStat_V2: a row an account, with the two years before. Accounts that are no concept of ours are skipped.
CREATE OR REPLACE TEMP TABLE judged AS
WITH plain AS (
    SELECT *, fsc_year_end(basDt) AS ended_on, fsc_basis(fnclDcd, fnclDcdNm) AS basis,
        CASE WHEN regexp_matches(acitId, '^(ifrs-full|ifrs|dart)_') THEN regexp_replace(acitId, '^(ifrs-full|ifrs|dart)_', '') END AS id,
        -- 'I. 유동자산', '영업이익(손실)' without numbering, blanks and brackets
        regexp_replace(regexp_replace(acitNm, '^\s*[IVXⅠ-Ⅻ0-9]+\s*[.)]\s*', ''), '[^가-힣A-Za-z0-9]', '', 'g') AS account
    FROM raw_lines
),
matched AS (
    SELECT p.*, coalesce(i.concept, n.concept) AS concept, coalesce(i.preference, n.preference) AS preference
    FROM plain AS p
    LEFT JOIN fsc_concepts AS i ON i.statement = '{statement}' AND i.id = p.id
    LEFT JOIN fsc_concepts AS n ON n.statement = '{statement}' AND n.name = p.account AND p.id IS NULL
)
SELECT *, NOT is_empty AND concept IS NOT NULL AS is_kept, 'fsc:' || coalesce(crno, '') || ':' || coalesce(bizYear, '') AS filing_id,
    fetched_on AS published_on,
    CASE WHEN is_empty OR (concept IS NULL AND crno IS NOT NULL) THEN NULL
         WHEN crno IS NULL OR NOT regexp_full_match(crno, '[0-9]{13}') THEN 'no_company'
         WHEN ended_on IS NULL THEN 'bad_date'
         WHEN basis IS NULL THEN 'unknown_basis'
         WHEN is_bad(crtmAcitAmt) OR is_bad(pvtrAcitAmt) OR is_bad(bpvtrAcitAmt) THEN 'bad_number'
    END AS reason,
    json_object('crno', crno, 'bizYear', bizYear, 'basDt', basDt, 'fnclDcd', fnclDcd, 'acitId', acitId, 'acitNm', acitNm, 'crtmAcitAmt', crtmAcitAmt) AS raw
FROM matched;

INSERT INTO stage_facts BY NAME
WITH best AS (
    -- The same figure may stand under an id and under a name: one row a year, basis and concept.
    SELECT * FROM judged WHERE reason IS NULL AND is_kept
    QUALIFY row_number() OVER (
        PARTITION BY crno, bizYear, basis, concept ORDER BY fsc_figure(crtmAcitAmt) IS NULL, preference, acitNm, row_number) = 1
),
cells AS (
    SELECT *, unnest([0, 1, 2]) AS lag, unnest([ended_on, months_before(ended_on, 12), months_before(ended_on, 24)]) AS ends_on,
        unnest([fsc_figure(crtmAcitAmt), fsc_figure(pvtrAcitAmt), fsc_figure(bpvtrAcitAmt)]) AS value
    FROM best
)
SELECT 'fsc:' || crno AS company_id, concept, basis, ends_on AS period_end, if('{statement}' = 'BS', 0, 12) AS months, value,
    coalesce(nullif(curCd, ''), 'KRW') AS unit, lag, 'fsc' AS source, filing_id, published_on
FROM cells WHERE value IS NOT NULL;

INSERT INTO fsc_met SELECT crno, min(published_on) FROM judged WHERE reason IS NULL AND is_kept GROUP BY crno;
