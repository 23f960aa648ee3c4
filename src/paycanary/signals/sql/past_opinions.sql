-- Question: was an opinion of the years before the newest one not clean?
-- Rule: criteria/audit.yaml, past_opinions. Grades as in audit_opinion.sql. The $window_years audits known before the newest.
-- Measure: how many of them (good: how many were looked at).
-- Unknown: no row without an opinion of an earlier year; a text that names none is left out.
-- Figures: the opinions that were not clean, else all of them.
WITH graded AS (
    SELECT
        company_id, period_end, opinion, row_id,
        CASE opinion WHEN 'disclaimer' THEN 3 WHEN 'adverse' THEN 2 WHEN 'qualified' THEN 1 ELSE 0 END
            >= $watch_opinion AS is_grave
    FROM opinion
    WHERE is_annual AND rank BETWEEN 1 AND $window_years AND opinion <> 'none'
),
counted AS (
    SELECT
        company_id, period_end, opinion, row_id, is_grave,
        COUNT(CASE WHEN is_grave THEN 1 END) OVER (PARTITION BY company_id) AS grave_years,
        COUNT(*) OVER (PARTITION BY company_id) AS years
    FROM graded
)
SELECT
    company_id,
    CASE WHEN grave_years > 0 THEN 'watch' ELSE 'good' END AS level,
    CAST(CASE WHEN grave_years > 0 THEN grave_years ELSE years END AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    'audit_opinion' AS concept,
    CAST(NULL AS DOUBLE) AS value,
    opinion AS text,
    CAST(NULL AS VARCHAR) AS unit,
    period_end,
    row_id
FROM counted
WHERE is_grave OR grave_years = 0
