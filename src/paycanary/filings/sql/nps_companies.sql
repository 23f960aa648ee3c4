-- nps_companies, nps_workplaces, nps_months -> stage_companies, stage_names, stage_filings, once all files are read.
-- A month repeats nearly all of the month before: what a company is, and a name, is staged when it first appears, so that ten years of months are not ten years of copies.

INSERT INTO stage_companies BY NAME
-- What the lake holds is left out by two hashes, which compare faster than five texts.
WITH twice AS (
    SELECT company_id, month_start, any_value(published_on) AS published_on, unnest(max({'is_staff': is_staff, 'headcount': headcount, 'workplace': workplace,
        'name': name, 'prefix': prefix, 'industry': industry, 'region': region}))
    FROM nps_companies
    -- A file names a company's largest workplace of a month once.
    WHERE month_start IN (SELECT month_start FROM nps_months GROUP BY month_start HAVING count(*) > 1)
    GROUP BY company_id, month_start HAVING count(*) > 1
), monthly AS (
    SELECT company_id, month_start, published_on, name, prefix, industry, region FROM nps_companies ANTI JOIN twice USING (company_id, month_start)
    UNION ALL SELECT company_id, month_start, published_on, name, prefix, industry, region FROM twice
), unknown AS (
    SELECT * FROM (SELECT *, hash(company_id) AS company, hash(name, prefix, industry, region) AS said FROM monthly)
    ANTI JOIN (SELECT hash(company_id) AS company, hash(name, business_number, industry, region) AS said FROM nps_known_companies) USING (company, said)
)
SELECT company_id, name, any_value(prefix) AS business_number, industry, region,
    arg_min(published_on, month_start) AS published_on, 'nps' AS source, 'nps:' || strftime(min(month_start), '%Y-%m') AS filing_id
FROM unknown
GROUP BY company_id, name, industry, region;

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
DROP TABLE nps_months;
