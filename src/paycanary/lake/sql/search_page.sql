-- A page of the companies there are, by id: the next page begins after this one's last.
SELECT canonical_id AS id, coalesce(name, canonical_id) AS name, stock_code, corp_code, business_number, market, industry, region, headcount
FROM search_companies
WHERE canonical_id > $after
    AND ($market IS NULL OR market = upper($market))
    AND ($industry IS NULL OR contains(industry, $industry))
ORDER BY canonical_id
LIMIT $limit
