-- For "did you mean": the most alike, with no bound on how alike.
SELECT coalesce(card.name, best.name) AS shown FROM (
    SELECT company, any_value(name) AS name, max(jaro_winkler_similarity(strokes, $strokes)) AS likeness FROM search_names
    WHERE length(strokes) BETWEEN length($strokes) - 4 AND length($strokes) + 4 GROUP BY company
) AS best LEFT JOIN search_companies AS card USING (company)
WHERE likeness > 0.8
GROUP BY shown ORDER BY max(likeness) DESC, bool_or(coalesce(is_listed, false)) DESC, shown LIMIT $limit
