-- A row a company asked about. Industry words decide the sector; banks and builders borrow by trade.
WITH listing AS (
    SELECT company_id, MAX(market) AS market, MAX(industry) AS industry, MAX(listed_on) AS listed_on
    FROM known_companies WHERE source = 'krx' GROUP BY company_id
),
-- What DART itself says of a company's market, where the exchange's own list has not been taken in.
outline AS (
    SELECT company_id, market, ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY published_on DESC, row_id) AS place
    FROM known_companies WHERE source = 'opendart' AND filing_id LIKE 'company:%'
),
delisting AS (
    SELECT company_id, MAX(event_on) AS delisted_on FROM known_notices WHERE kind = 'delisting' GROUP BY company_id
),
workplace AS (
    SELECT company_id, MAX(industry) AS industry FROM known_headcounts WHERE kind = 'workplace' GROUP BY company_id
),
asked AS (
    SELECT DISTINCT canonical_id AS company_id FROM members
),
described AS (
    SELECT a.company_id, COALESCE(l.market, o.market) AS market, COALESCE(l.industry, w.industry) AS industry,
        (l.listed_on IS NOT NULL AND (d.delisted_on IS NULL OR d.delisted_on < l.listed_on))
            OR (l.listed_on IS NULL AND o.market IS NOT NULL AND d.delisted_on IS NULL) AS is_listed
    FROM asked a
    LEFT JOIN listing l ON l.company_id = a.company_id
    LEFT JOIN outline o ON o.company_id = a.company_id AND o.place = 1
    LEFT JOIN delisting d ON d.company_id = a.company_id
    LEFT JOIN workplace w ON w.company_id = a.company_id
)
SELECT company_id, CAST($as_of AS DATE) AS as_of, market, industry,
    CASE WHEN industry IS NULL THEN NULL
         WHEN industry LIKE '%금융%' OR industry LIKE '%은행%' OR industry LIKE '%보험%' OR industry LIKE '%증권%' OR industry LIKE '%신탁%'
              OR industry LIKE '%여신%' OR industry LIKE '%투자기관%' THEN 'finance'
         WHEN industry LIKE '%건설%' OR industry LIKE '%토목%' OR industry LIKE '%건물 완성%' OR industry LIKE '%주택신축%' THEN 'construction'
         ELSE 'other' END AS sector,
    is_listed, CAST($pension_until AS DATE) AS pension_until
FROM described
