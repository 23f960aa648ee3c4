-- Of a month and the twelve before it (view peer_rows: company_id, ago = months before the newest, headcount, joiners, leavers,
-- industry_code, region; construction sites left out; a company under its newest name): how companies of a trade, province and size fared over 1, 3, 6 and 12 months.
-- Percentiles of each group of 30 companies or more: of trade (first two digits of the tax office's code), province and size; of
-- trade and size; of size. Only companies with 10 people or more when the window began: below, one person is a large share.
-- Those that left the register before the newest month are missing; those that withdrew in it are there, with nobody.
WITH eligible AS (
    -- Few companies have so many people in small workplaces only, and to look for them would cost more than all the rest.
    SELECT DISTINCT company_id FROM peer_rows WHERE headcount >= 10
),
wide AS (
    SELECT
        company_id,
        bit_or(1 << ago) AS seen,
        arg_max(left(industry_code, 2), headcount) FILTER (ago = 0) AS industry,
        arg_max(region, headcount) FILTER (ago = 0) AS region,
        sum(headcount) FILTER (ago = 0) AS newest,
        [sum(headcount) FILTER (ago = 1), sum(headcount) FILTER (ago = 3), sum(headcount) FILTER (ago = 6), sum(headcount) FILTER (ago = 12)] AS before,
        [sum(leavers) FILTER (ago < 1), sum(leavers) FILTER (ago < 3), sum(leavers) FILTER (ago < 6), sum(leavers) FILTER (ago < 12)] AS leavers,
        -- At the beginning of each month.
        [sum(headcount) FILTER (ago = 1), sum(headcount) FILTER (ago BETWEEN 1 AND 3), sum(headcount) FILTER (ago BETWEEN 1 AND 6), sum(headcount) FILTER (ago BETWEEN 1 AND 12)] AS persons
    FROM peer_rows SEMI JOIN eligible USING (company_id)
    GROUP BY company_id
    HAVING bool_or(ago = 0)
),
measured AS (
    SELECT
        months, industry, region,
        CASE WHEN before[place] < 30 THEN 10 WHEN before[place] < 100 THEN 30 WHEN before[place] < 300 THEN 100 ELSE 300 END AS size,
        100 * CAST(newest - before[place] AS DOUBLE) / before[place] AS change,
        100 * CAST(leavers[place] AS DOUBLE) / persons[place] AS exit_rate
    FROM wide CROSS JOIN (VALUES (1, 1), (2, 3), (3, 6), (4, 12)) AS windows(place, months)
    WHERE before[place] >= 10 AND seen & ((1 << (months + 1)) - 1) = (1 << (months + 1)) - 1
),
points AS (
    SELECT [1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99] AS percentiles
),
grouped AS (
    SELECT
        months, industry, region, size, count(*) AS companies,
        quantile_disc(change, [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99]) AS change,
        quantile_disc(exit_rate, [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99]) AS exit_rate
    FROM measured
    GROUP BY GROUPING SETS ((months, industry, region, size), (months, industry, size), (months, size))
    HAVING count(*) >= 30 AND (grouping(industry) = 1 OR industry IS NOT NULL) AND (grouping(region) = 1 OR region IS NOT NULL)
)
SELECT
    months, coalesce(industry, '') || '|' || coalesce(region, '') || '|' || size AS peers,
    CASE WHEN region IS NOT NULL THEN 'industry_region' WHEN industry IS NOT NULL THEN 'industry' ELSE 'size' END AS likeness,
    companies, metric, unnest(points.percentiles) AS percentile, unnest(values) AS value
FROM (
    SELECT months, industry, region, size, companies, 'change' AS metric, change AS values FROM grouped
    UNION ALL
    SELECT months, industry, region, size, companies, 'exit_rate', exit_rate FROM grouped
) CROSS JOIN points
