-- Entries of public lists that bear a name and no number: which companies of that name there are. Reads companies, names, links
-- made so far (new_links, link_kept); adds candidates, far below what a verdict follows. An entry is no company of its own.
-- A name that many bear stays a candidate of each: leaving it out would say that the list does not hold the name.
DELETE FROM new_links WHERE split_part(company_id, ':', 1) IN ({lists});

INSERT INTO new_links BY NAME
WITH entry AS (
    SELECT company_id, min(name_key(name)) AS key, max(region_key(region)) AS region, min(published_on) AS known_on,
        any_value(source) AS source, min_by(filing_id, published_on) AS filing_id
    FROM companies WHERE split_part(company_id, ':', 1) IN ({lists}) GROUP BY company_id
), followed AS (
    SELECT company_id, canonical_id, published_on FROM new_links WHERE confidence >= {threshold}
    UNION ALL SELECT company_id, canonical_id, published_on FROM link_kept
), borne AS (
    SELECT key, company_id, published_on FROM names
    WHERE kind IN ('official', 'stock', 'workplace') AND key IN (SELECT key FROM entry)
    UNION ALL
    -- Who is known by a business number alone bears the name under which it was asked about.
    SELECT name_key(name), company_id, published_on FROM companies WHERE company_id >= 'nts:' AND company_id < 'nts;'
), named AS (
    SELECT key, canonical_id, min(greatest(borne.published_on, followed.published_on)) AS known_on,
        count(*) OVER (PARTITION BY key) AS companies
    FROM borne JOIN followed USING (company_id)
    WHERE key IN (SELECT key FROM entry WHERE key <> '')
    GROUP BY key, canonical_id
), placed AS (
    SELECT canonical_id, list(DISTINCT region_key(region)) AS regions
    FROM companies JOIN followed USING (company_id)
    WHERE region IS NOT NULL AND canonical_id IN (SELECT canonical_id FROM named) GROUP BY canonical_id
)
SELECT entry.company_id, named.canonical_id, if(companies <= 5, '{list_rule}', '{shared_list_rule}') AS rule,
    CAST(CASE WHEN companies > 5 THEN 0.3 WHEN list_contains(regions, entry.region) THEN 0.6 WHEN entry.region IS NULL OR regions IS NULL THEN 0.5 ELSE 0.4 END AS DOUBLE) AS confidence,
    source, filing_id, greatest(entry.known_on, named.known_on) AS published_on
FROM entry JOIN named USING (key) LEFT JOIN placed USING (canonical_id)
ORDER BY company_id, confidence DESC, canonical_id;
