-- Each earlier id of a company with the id of its newest name, as far as the renames that are asked for tell. A name that was taken up
-- again is followed by the months in which the names began.
WITH RECURSIVE later AS (
    SELECT company_id, other_id, max(period_end) AS since FROM pension_renames WHERE {where} GROUP BY company_id, other_id
),
-- Two readings that disagree lead nowhere certain.
plain AS (
    SELECT company_id, other_id, since FROM later
    QUALIFY count(*) OVER (PARTITION BY company_id) = 1 AND count(*) OVER (PARTITION BY other_id) = 1
),
chain AS (
    SELECT company_id, other_id AS newest, since FROM plain
    UNION ALL
    SELECT chain.company_id, plain.other_id, plain.since FROM chain JOIN plain ON plain.company_id = chain.newest AND plain.since > chain.since
),
ends AS (
    SELECT company_id, max_by(newest, since) AS newest FROM chain GROUP BY company_id
)
-- A name that itself led to another before is no end, and its own may be another company's.
SELECT company_id, newest FROM ends WHERE newest <> company_id AND newest NOT IN (SELECT company_id FROM ends WHERE newest <> company_id)
