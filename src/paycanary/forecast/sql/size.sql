-- The newest headcount, by which amounts of large and small companies compare. Money and funding read it as ``size``; a company
-- whose headcount is not known, or not above 0, has none and no amounts a head.
SELECT s.company_id, CAST(h.headcount AS DOUBLE) AS headcount
FROM scope s
LEFT JOIN listed_headcount h ON h.company_id = s.company_id AND h.rank = 0 AND h.headcount > 0
