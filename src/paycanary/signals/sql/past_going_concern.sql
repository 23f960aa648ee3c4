-- Question: did an audit of the years before the newest one name uncertainty about going concern?
-- Rule: criteria/audit.yaml, past_going_concern. What stands now is going_concern.sql's.
-- Measure: how many of the $window_years fiscal years before the newest audit (good: how many were looked at).
-- Unknown: no row without an audit of an earlier year.
-- Figures: opinion and emphasis of the years that name it, else all opinions.
WITH newest AS (
    SELECT company_id, period_end
    FROM opinion
    WHERE is_annual AND rank = 0
),
past AS (
    SELECT earlier.company_id, earlier.period_end, earlier.opinion, earlier.emphasis, earlier.row_id, earlier.is_going_concern AS names_it
    FROM opinion AS earlier
    JOIN newest ON newest.company_id = earlier.company_id
    WHERE earlier.is_annual
        AND earlier.is_going_concern IS NOT NULL
        AND EXTRACT(YEAR FROM newest.period_end) - EXTRACT(YEAR FROM earlier.period_end) BETWEEN 1 AND $window_years
),
counted AS (
    SELECT
        company_id, period_end, opinion, emphasis, row_id, names_it,
        SUM(CASE WHEN names_it THEN 1 ELSE 0 END) OVER (PARTITION BY company_id) AS naming_years,
        COUNT(*) OVER (PARTITION BY company_id) AS years
    FROM past
),
kinds AS (
    SELECT 'audit_opinion' AS concept UNION ALL SELECT 'emphasis_of_matter'
)
SELECT
    company_id,
    CASE WHEN naming_years > 0 THEN 'watch' ELSE 'good' END AS level,
    CAST(CASE WHEN naming_years > 0 THEN naming_years ELSE years END AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    kinds.concept,
    CAST(NULL AS DOUBLE) AS value,
    CASE kinds.concept WHEN 'audit_opinion' THEN opinion ELSE SUBSTRING(emphasis, 1, 200) END AS text,
    CAST(NULL AS VARCHAR) AS unit,
    period_end,
    row_id
FROM counted
CROSS JOIN kinds
WHERE (names_it AND (kinds.concept = 'audit_opinion' OR emphasis IS NOT NULL))
    OR (naming_years = 0 AND kinds.concept = 'audit_opinion')
