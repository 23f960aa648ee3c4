-- getSummFinaStat_V2: a row a company, fiscal year and basis.
CREATE OR REPLACE TEMP TABLE judged AS
WITH plain AS (
    SELECT *, fsc_year_end(basDt) AS ended_on, fsc_basis(fnclDcd, fnclDcdNm) AS basis,
        fsc_figure(enpTastAmt) AS assets, fsc_figure(enpTdbtAmt) AS liabilities, fsc_figure(enpTcptAmt) AS equity
    FROM raw_lines
)
SELECT *, NOT is_empty AS is_kept, 'fsc:' || coalesce(crno, '') || ':' || coalesce(bizYear, '') AS filing_id, fetched_on AS published_on,
    CASE WHEN is_empty THEN NULL
         WHEN crno IS NULL OR NOT regexp_full_match(crno, '[0-9]{13}') THEN 'no_company'
         WHEN ended_on IS NULL THEN 'bad_date'
         WHEN basis IS NULL THEN 'unknown_basis'
         WHEN is_bad(enpSaleAmt) OR is_bad(enpBzopPft) OR is_bad(enpCrtmNpf) OR is_bad(enpTastAmt) OR is_bad(enpTdbtAmt)
              OR is_bad(enpTcptAmt) OR is_bad(enpCptlAmt) THEN 'bad_number'
         WHEN abs(assets - liabilities - equity) > 0.01 * abs(assets) THEN 'does_not_add_up'
    END AS reason,
    json_object('crno', crno, 'bizYear', bizYear, 'basDt', basDt, 'fnclDcd', fnclDcd, 'fnclDcdNm', fnclDcdNm, 'enpSaleAmt', enpSaleAmt,
        'enpTastAmt', enpTastAmt, 'enpTdbtAmt', enpTdbtAmt, 'enpTcptAmt', enpTcptAmt) AS raw
FROM plain;

INSERT INTO stage_facts BY NAME
WITH cells AS (
    SELECT *, unnest(['revenue', 'operating_profit', 'net_income', 'total_assets', 'total_liabilities', 'equity', 'share_capital']) AS concept,
        unnest([12, 12, 12, 0, 0, 0, 0]) AS months,
        unnest([fsc_figure(enpSaleAmt), fsc_figure(enpBzopPft), fsc_figure(enpCrtmNpf), assets, liabilities, equity, fsc_figure(enpCptlAmt)]) AS value
    FROM judged WHERE reason IS NULL AND is_kept
)
SELECT DISTINCT 'fsc:' || crno AS company_id, concept, basis, ended_on AS period_end, CAST(months AS INTEGER) AS months, value,
    coalesce(nullif(curCd, ''), 'KRW') AS unit, 0 AS lag, 'fsc' AS source, filing_id, published_on
FROM cells WHERE value IS NOT NULL;

INSERT INTO stage_filings BY NAME
SELECT DISTINCT 'fsc:' || crno AS company_id, 'annual' AS form, ended_on AS period_end,
    'https://www.data.go.kr/data/15043459/openapi.do' AS url, 'fsc' AS source, filing_id, published_on
FROM judged WHERE reason IS NULL AND is_kept;

INSERT INTO fsc_met SELECT crno, min(published_on) FROM judged WHERE reason IS NULL AND is_kept GROUP BY crno;
