-- Every company there is, for the index.
CREATE OR REPLACE TEMP TABLE search_wanted AS
SELECT company_id, coalesce(canonical_id, company_id) AS canonical_id
FROM (SELECT company_id FROM companies UNION SELECT company_id FROM names) LEFT JOIN search_ids USING (company_id);
