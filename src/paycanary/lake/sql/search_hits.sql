-- The best match of each company, with what tells it apart. Listed companies stand first among equals, then large ones.
WITH found AS (
    {found}
), best AS MATERIALIZED (
    SELECT company, max_by({'matched': matched, 'kind': kind}, (score, -length(matched), matched, kind)) AS match, max(score) AS score FROM found GROUP BY company
)
SELECT canonical_id, coalesce(card.name, match.matched) AS name, match.matched, match.kind, CAST(score AS DOUBLE), stock_code, corp_code,
    business_number, market, industry, region, headcount, coalesce(is_listed, false)
FROM best JOIN search_companies AS card USING (company)
ORDER BY score DESC, coalesce(is_listed, false) DESC, stock_code IS NULL, headcount DESC NULLS LAST, length(match.matched), name, canonical_id
LIMIT $limit
