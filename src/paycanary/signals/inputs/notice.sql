-- List entries public on the as-of date: those whose publication has ended are gone.
SELECT n.company_id, n.kind, n.category, n.event_on,
    CAST((YEAR(s.as_of) - YEAR(n.event_on)) * 12 + MONTH(s.as_of) - MONTH(n.event_on) - CASE WHEN DAY(s.as_of) < DAY(n.event_on) THEN 1 ELSE 0 END AS INTEGER) AS months_ago,
    n.detail, n.amount, n.row_id
FROM known_notices n JOIN scope s ON s.company_id = n.company_id
WHERE n.expires_on IS NULL OR n.expires_on > s.as_of
