-- nps_companies, nps_workplaces -> stage_companies, stage_names, stage_filings, once all files are read.
-- A month repeats nearly all of the month before: what a company is, is staged when it changes, and a name when it first
-- appears, so that ten years of months are not ten years of copies.

INSERT INTO stage_companies BY NAME
WITH monthly AS (
    SELECT company_id, month_start, any_value(published_on) AS published_on, max(largest) AS largest
    FROM nps_companies GROUP BY company_id, month_start
), told AS (
    SELECT company_id, month_start, published_on, largest.name AS name, largest.prefix AS business_number,
        largest.industry AS industry, largest.region AS region
    FROM monthly
), compared AS (
    SELECT *, lag({'name': name, 'industry': industry, 'region': region}) OVER (PARTITION BY company_id ORDER BY month_start) AS before
    FROM told
)
SELECT * EXCLUDE (month_start, before), 'nps' AS source, 'nps:' || strftime(month_start, '%Y-%m') AS filing_id
FROM compared
WHERE before IS DISTINCT FROM {'name': name, 'industry': industry, 'region': region};

INSERT INTO stage_names BY NAME
SELECT company_id, name, 'workplace' AS kind, 'nps' AS source,
    'nps:' || strftime(min(month_start), '%Y-%m') AS filing_id, min(published_on) AS published_on
FROM nps_workplaces
GROUP BY company_id, name;

INSERT INTO stage_filings BY NAME
SELECT DISTINCT 'nps:' || strftime(month_start, '%Y-%m') AS filing_id, 'monthly' AS form, last_day(month_start) AS period_end,
    'https://www.data.go.kr/data/15083277/fileData.do' AS url, 'nps' AS source, published_on
FROM nps_companies;

DROP TABLE nps_companies;
DROP TABLE nps_workplaces;
