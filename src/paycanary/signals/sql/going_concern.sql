-- Question: does the auditor name material uncertainty about going concern?
-- Rule: criteria/audit.yaml, going_concern. Counted under any opinion, in the newest annual audit and the interim reviews newer
-- than it. An interim report that stays silent does not lift what the annual audit said; the next annual audit does.
-- Measure: how many of those reports name it.
-- Unknown: no row when none names it and there is no annual audit.
-- Figures: opinion and emphasis of the reports that name it, else the opinion of the annual audit.
WITH audited AS (
    SELECT company_id, period_end, is_going_concern
    FROM opinion
    WHERE is_annual AND rank = 0
),
reports AS (
    SELECT
        opinion.company_id, opinion.period_end, opinion.opinion, opinion.emphasis, opinion.row_id,
        COALESCE(opinion.is_going_concern, FALSE) AS names_it,
        opinion.is_annual,
        audited.is_going_concern IS NOT NULL AS is_told
    FROM opinion
    LEFT JOIN audited ON audited.company_id = opinion.company_id
    WHERE (opinion.is_annual AND opinion.rank = 0)
        OR (NOT opinion.is_annual AND (audited.period_end IS NULL OR opinion.period_end > audited.period_end))
),
counted AS (
    SELECT
        company_id, period_end, opinion, emphasis, row_id, names_it, is_annual, is_told,
        SUM(CASE WHEN names_it THEN 1 ELSE 0 END) OVER (PARTITION BY company_id) AS naming
    FROM reports
),
kinds AS (
    SELECT 'audit_opinion' AS concept UNION ALL SELECT 'emphasis_of_matter'
)
SELECT
    counted.company_id,
    CASE
        WHEN counted.naming >= $danger_reports THEN 'danger'
        WHEN counted.naming > 0 THEN 'watch'
        ELSE 'good'
    END AS level,
    CAST(counted.naming AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    kinds.concept,
    CAST(NULL AS DOUBLE) AS value,
    CASE kinds.concept WHEN 'audit_opinion' THEN counted.opinion ELSE SUBSTRING(counted.emphasis, 1, 200) END AS text,
    CAST(NULL AS VARCHAR) AS unit,
    counted.period_end,
    counted.row_id
FROM counted
CROSS JOIN kinds
WHERE (counted.names_it OR (counted.naming = 0 AND counted.is_annual AND counted.is_told))
    AND (kinds.concept = 'audit_opinion' OR (counted.names_it AND counted.emphasis IS NOT NULL))
