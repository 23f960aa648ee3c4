-- Entries of public lists that bear the company's name and no number: perhaps about it, and never more than perhaps. Public on the
-- as-of date: those whose publication has ended are gone. rank 0 = the likeliest, then the largest; entries = how many there are.
SELECT n.company_id, n.kind, n.name, n.region, n.event_on, n.expires_on, n.detail, n.amount, n.confidence, n.published_on,
    CAST(ROW_NUMBER() OVER (
        PARTITION BY n.company_id, n.kind
        ORDER BY n.confidence DESC, COALESCE(n.amount, 0) DESC, n.published_on DESC, n.row_id) - 1 AS INTEGER) AS rank,
    CAST(COUNT(*) OVER (PARTITION BY n.company_id, n.kind) AS INTEGER) AS entries,
    n.row_id
FROM known_candidates n JOIN scope s ON s.company_id = n.company_id
WHERE n.expires_on IS NULL OR n.expires_on > s.as_of
