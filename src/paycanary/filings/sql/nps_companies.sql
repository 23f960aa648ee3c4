-- nps_companies, nps_workplaces -> stage_companies, stage_names, stage_filings, once all files are read.
-- A month repeats nearly all of the month before: what a company is, and a name, is staged when it first appears, so that ten years of months are not ten years of copies.

INSERT INTO stage_companies BY NAME
WITH twice AS (
    SELECT company_id, month_start, max(largest) AS largest, any_value(published_on) AS published_on
    FROM nps_companies GROUP BY company_id, month_start HAVING count(*) > 1
), monthly AS (
    SELECT company_id, month_start, largest, published_on FROM twice
    UNION ALL SELECT company_id, month_start, largest, published_on FROM nps_companies ANTI JOIN twice USING (company_id, month_start)
)
SELECT company_id, largest.name AS name, any_value(largest.prefix) AS business_number, largest.industry AS industry, largest.region AS region,
    arg_min(published_on, month_start) AS published_on, 'nps' AS source, 'nps:' || strftime(min(month_start), '%Y-%m') AS filing_id
FROM monthly
GROUP BY company_id, largest.name, largest.industry, largest.region;

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
