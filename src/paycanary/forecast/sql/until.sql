-- Up to when the market's reports are stored: half of the companies have a report published on this day or later. Where that is long ago,
-- what is missing of a company says nothing about it (`telling`).
SELECT MEDIAN(newest) AS until
FROM (
    SELECT f.company_id, MAX(f.published_on) AS newest
    FROM filings f JOIN (SELECT MAX(as_of) AS as_of FROM scope) s ON f.published_on <= s.as_of AND f.published_on >= s.as_of - INTERVAL '20' MONTH
    WHERE f.source = 'opendart' GROUP BY f.company_id
)
