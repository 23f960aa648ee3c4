-- Share issues and reductions, each once: in its newest known version. Reports list the changes of several years again, at times
-- with other words for the kind of shares, a price that was blank before, or a corrected number of shares.
WITH versions AS (
    SELECT c.company_id, c.changed_on, c.category, c.form, c.shares, c.par_value, c.price, c.proceeds, c.row_id,
        c.published_on, c.filing_id, s.as_of,
        ROW_NUMBER() OVER (
            PARTITION BY c.company_id, c.changed_on, c.form, c.stock_kind, c.par_value, c.price ORDER BY c.published_on DESC, c.filing_id DESC, c.row_id) AS version
    FROM known_capital_changes c JOIN scope s ON s.company_id = c.company_id
    WHERE c.changed_on <= s.as_of
),
sightings AS (
    SELECT *,
        ROW_NUMBER() OVER (
            PARTITION BY company_id, changed_on, form, COALESCE(shares, row_id)
            ORDER BY CASE WHEN price IS NULL THEN 1 ELSE 0 END, published_on DESC, filing_id DESC, row_id) AS sighting
    FROM versions WHERE version = 1
)
SELECT company_id, changed_on,
    CAST((YEAR(as_of) - YEAR(changed_on)) * 12 + MONTH(as_of) - MONTH(changed_on) - CASE WHEN DAY(as_of) < DAY(changed_on) THEN 1 ELSE 0 END AS INTEGER) AS months_ago,
    category, form, shares, par_value, price, proceeds, row_id
FROM sightings WHERE sighting = 1
