-- What tells same-name companies apart: one row a company, of the ids in search_wanted (company_id, canonical_id).
-- 'company' numbers the rows, because the index joins by whole numbers three times as fast as by ids.
CREATE OR REPLACE TEMP TABLE search_companies AS
WITH entry AS (
    SELECT companies.*, canonical_id, company_id = canonical_id AS is_own, starts_with(company_id, 'nps:') AS is_workplace
    FROM search_wanted LEFT JOIN companies USING (company_id)
), card AS (
    SELECT canonical_id,
        coalesce(max_by(name, published_on) FILTER (WHERE is_own), max_by(name, published_on)) AS name,
        max_by(stock_code, published_on) AS stock_code, max_by(corp_code, published_on) AS corp_code,
        max_by(business_number, (length(business_number), published_on)) AS business_number,
        max_by(market, published_on) AS market, max(listed_on) AS listed_on,
        max(published_on) FILTER (starts_with(filing_id, 'delisting:')) AS delisted_on,
        coalesce(max_by(industry, published_on) FILTER (WHERE NOT is_workplace), max_by(industry, published_on)) AS industry,
        coalesce(max_by(region, published_on) FILTER (WHERE NOT is_workplace), max_by(region, published_on)) AS region
    FROM entry GROUP BY canonical_id
), counted AS (
    -- Pension rows of a month are added up; of a periodic report the newest version counts.
    SELECT canonical_id, period_end, if(kind = 'listed', max_by(headcount, published_on), sum(headcount)) AS headcount
    FROM search_wanted JOIN all_headcounts USING (company_id) WHERE NOT coalesce(is_site, false) AND headcount IS NOT NULL
    GROUP BY canonical_id, kind, period_end
), newest AS (
    SELECT canonical_id, CAST(max_by(headcount, period_end) AS INTEGER) AS headcount FROM counted GROUP BY canonical_id
)
SELECT CAST(row_number() OVER () AS INTEGER) AS company, canonical_id, name, stock_code, corp_code, business_number,
    if(is_listed, market, NULL) AS market, industry, region, headcount, is_listed
FROM (
    -- DART keeps the code of a delisted company. Only where the exchange's list is not at hand does a code alone count as
    -- listed: the list has some 2,660 companies, so fewer than 1,000 entries are no list.
    SELECT *, coalesce(delisted_on < listed_on, delisted_on IS NULL) AND (listed_on IS NOT NULL OR stock_code IS NOT NULL AND
        (SELECT count(DISTINCT company_id) < 1000 FROM companies WHERE listed_on IS NOT NULL)) AS is_listed
    FROM card
) LEFT JOIN newest USING (canonical_id);
