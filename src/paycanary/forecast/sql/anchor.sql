-- What the base rate is anchored to, of whole calendar years since $first_year: counts of the exchange's own lists beside counts of the
-- data set (view ``rows``). Survivors crowd the data: of companies that were delisted for distress it holds a smaller part than of those
-- that are still listed, so each kind of failure is weighed by the part of its companies that is held. KONEX is not in it.
WITH held AS (
    SELECT DISTINCT company_id FROM rows
),
failed AS (
    SELECT company_id, MIN(failed_on) AS failed_on FROM rows WHERE failed_on IS NOT NULL GROUP BY company_id
),
exchange AS (
    SELECT l.canonical_id AS company_id, MAX(c.listed_on IS NOT NULL) AS is_listed
    FROM companies c JOIN links l ON l.company_id = c.company_id AND l.confidence >= $confidence
    WHERE c.source = 'krx' AND c.market IN ('KOSPI', 'KOSDAQ') GROUP BY l.canonical_id
),
gone AS (
    SELECT l.canonical_id AS company_id, MAX(n.event_on) AS gone_on
    FROM notices n JOIN links l ON l.company_id = n.company_id AND l.confidence >= $confidence
    WHERE n.kind = 'delisting' AND n.category = 'distress' GROUP BY l.canonical_id
),
counted AS (
    SELECT e.company_id, e.is_listed, h.company_id IS NOT NULL AS is_held, g.gone_on IS NOT NULL AS is_gone,
        COALESCE(YEAR(g.gone_on) BETWEEN $first_year AND $last_year, false) AS is_gone_then,
        COALESCE(YEAR(f.failed_on) BETWEEN $first_year AND $last_year, false) AS is_failed_then
    FROM exchange e
    LEFT JOIN held h ON h.company_id = e.company_id
    LEFT JOIN failed f ON f.company_id = e.company_id
    LEFT JOIN gone g ON g.company_id = e.company_id
)
SELECT
    COUNT(*) FILTER (is_gone_then) AS delisted, COUNT(*) FILTER (is_gone_then AND is_held) AS delisted_held,
    COUNT(*) FILTER (is_listed) AS listed, COUNT(*) FILTER (is_listed AND is_held) AS listed_held,
    COUNT(*) FILTER (is_failed_then AND is_gone) AS failed_delisted, COUNT(*) FILTER (is_failed_then AND NOT is_gone) AS failed_listed
FROM counted
