-- The newest balance sheet, interim ones included, plus balances that stand outside statements (bonds, shareholders).
-- All statement figures are of one day, so that no ratio mixes two balance sheets.
WITH versions AS (
    SELECT f.company_id, f.concept, f.basis, f.period_end, f.value, f.unit, f.row_id,
        ROW_NUMBER() OVER (
            PARTITION BY f.company_id, f.concept, f.basis, f.period_end
            -- The FSC's extract bears no day of its own, only ours: the filing itself goes first.
            ORDER BY CASE WHEN f.source = 'fsc' THEN 1 ELSE 0 END, f.published_on DESC, f.lag, f.filing_id DESC, f.row_id) AS version
    FROM known_facts f JOIN scope s ON s.company_id = f.company_id
    WHERE f.months = 0 AND f.period_end >= s.as_of - INTERVAL '1' MONTH * $max_age_months
),
newest AS (
    SELECT company_id, MAX(period_end) AS period_end, MAX(CASE WHEN basis = 'CFS' THEN period_end END) AS consolidated_end
    FROM versions WHERE basis IS NOT NULL GROUP BY company_id
),
outside AS (
    SELECT company_id, concept, MAX(period_end) AS period_end FROM versions WHERE basis IS NULL GROUP BY company_id, concept
)
SELECT v.company_id, v.concept, v.period_end, v.value, v.unit, v.row_id
FROM versions v JOIN newest n ON n.company_id = v.company_id AND n.period_end = v.period_end
WHERE v.version = 1 AND v.basis = CASE WHEN n.consolidated_end = n.period_end THEN 'CFS' ELSE 'OFS' END
UNION ALL
SELECT v.company_id, v.concept, v.period_end, v.value, v.unit, v.row_id
FROM versions v JOIN outside o ON o.company_id = v.company_id AND o.concept = v.concept AND o.period_end = v.period_end
WHERE v.version = 1 AND v.basis IS NULL
