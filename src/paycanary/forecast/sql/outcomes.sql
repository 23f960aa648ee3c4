-- What counts as failing, once a company: the earliest day on which one of these was public. A later clean audit does not undo it.
--   opinion         a disclaimer or adverse opinion on a full year, wherever it is first seen (also as a later report's prior year)
--   delisting       taken off the exchange for distress; mergers, moves, expiry, own applications and SPACs are none (`krx_delisting.sql`)
--   default, rehabilitation, dissolution   as the company itself filed them; creditors' applications that came to nothing are not known
WITH public AS (
    SELECT m.canonical_id AS company_id, o.published_on AS day, 'opinion' AS kind
    FROM opinions o JOIN links m ON m.company_id = o.company_id AND m.confidence >= $confidence
    WHERE o.is_annual AND o.opinion IN ('disclaimer', 'adverse')
    UNION ALL
    SELECT m.canonical_id, GREATEST(n.event_on, CASE WHEN n.kind = 'delisting' THEN n.event_on ELSE n.published_on END), n.kind
    FROM notices n JOIN links m ON m.company_id = n.company_id AND m.confidence >= $confidence
    WHERE (n.kind = 'delisting' AND n.category = 'distress')
        OR n.kind IN ('default', 'dissolution')
        OR (n.kind = 'rehabilitation' AND n.category = 'applied')
)
SELECT company_id, MIN(day) AS day, ARG_MIN(kind, day) AS kind
FROM public WHERE day IS NOT NULL GROUP BY company_id
