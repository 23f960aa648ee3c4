-- Up to when the market's reports are stored: half of the companies have a report published on this day or later. And up to when they were
-- a year before, as was known a week before that day of the year, a year later: where the first lies long before the second, what is
-- missing of a company says nothing about it (`telling`). NULL where nothing is stored from that long ago.
WITH asked AS (
    SELECT MAX(as_of) AS as_of FROM scope
),
newest AS (
    SELECT f.company_id, MAX(f.published_on) AS now,
        MAX(CASE WHEN f.published_on <= a.as_of - INTERVAL '12' MONTH - INTERVAL '7' DAY THEN f.published_on END) AS year_before
    FROM filings f JOIN asked a ON f.published_on <= a.as_of AND f.published_on >= a.as_of - INTERVAL '32' MONTH
    WHERE f.source = 'opendart' GROUP BY f.company_id
)
SELECT CAST(MEDIAN(now) FILTER (now >= a.as_of - INTERVAL '20' MONTH) AS DATE) AS until,
    CAST(MEDIAN(year_before) + INTERVAL '12' MONTH AS DATE) AS expected
FROM newest CROSS JOIN asked a
