-- nps_companies, nps_workplaces -> stage_companies, stage_names, stage_filings, once all files are read.
-- A month repeats nearly all of the month before: what a company is, is staged when it changes, and a name when it first
-- appears, so that ten years of months are not ten years of copies.

INSERT INTO stage_companies BY NAME
WITH monthly AS (
    SELECT DISTINCT ON (company_id, month_start) *
    FROM nps_companies
    ORDER BY company_id, month_start, is_site, headcount DESC, workplace, region, industry
), compared AS (
    SELECT *, lag(row(name, prefix, industry, region)) OVER (PARTITION BY company_id ORDER BY month_start) AS before FROM monthly
)
SELECT company_id, name, nullif(prefix, '') AS business_number, industry, region,
    'nps' AS source, 'nps:' || strftime(month_start, '%Y-%m') AS filing_id, published_on
FROM compared
WHERE before IS DISTINCT FROM row(name, prefix, industry, region);

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
