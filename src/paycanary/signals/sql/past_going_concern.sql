-- Question: did an audit of the years before the newest one name uncertainty about going concern?
-- Rule: criteria/audit.yaml, past_going_concern. The $window_years audits known before the newest; what stands now is
-- going_concern.sql's.
-- Measure: how many of them (good: how many were looked at).
-- Unknown: no row without an earlier audit that names it or whose silence can be read: see going_concern.sql.
-- Figures: opinion and emphasis of the years that name it, else all opinions.
WITH counted AS (
    SELECT
        company_id, period_end, opinion, emphasis, row_id, is_going_concern,
        COUNT(CASE WHEN is_going_concern THEN 1 END) OVER (PARTITION BY company_id) AS naming_years,
        COUNT(*) OVER (PARTITION BY company_id) AS years
    FROM opinion
    WHERE is_annual
        AND rank BETWEEN 1 AND $window_years
        AND (is_going_concern OR (opinion = 'unqualified' AND EXTRACT(YEAR FROM period_end) < $unread_from_year))
),
kinds AS (
    SELECT 'audit_opinion' AS concept UNION ALL SELECT 'emphasis_of_matter'
)
SELECT
    counted.company_id,
    CASE WHEN counted.naming_years > 0 THEN 'watch' ELSE 'good' END AS level,
    CAST(CASE WHEN counted.naming_years > 0 THEN counted.naming_years ELSE counted.years END AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    kinds.concept,
    CAST(NULL AS DOUBLE) AS value,
    CASE kinds.concept WHEN 'audit_opinion' THEN counted.opinion ELSE SUBSTRING(counted.emphasis, 1, 200) END AS text,
    CAST(NULL AS VARCHAR) AS unit,
    counted.period_end,
    counted.row_id
FROM counted
CROSS JOIN kinds
WHERE (counted.is_going_concern OR counted.naming_years = 0)
    AND (kinds.concept = 'audit_opinion' OR (counted.is_going_concern AND counted.emphasis IS NOT NULL))
