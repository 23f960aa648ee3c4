-- Question: does the auditor name material uncertainty about going concern?
-- Rule: criteria/audit.yaml, going_concern. Counted under any opinion, in the newest annual audit and the interim reviews newer
-- than it. An interim report that stays silent does not lift what the annual audit said; the next annual audit does.
-- Measure: how many of those reports name it.
-- Unknown: no row when none names it and there is no annual audit; not_computable when the annual opinion is not clean: its
-- grounds often are going concern without the paragraph, so silence says nothing; not_taken_in from fiscal year
-- $unread_from_year on: periodic reports show the paragraph in a column of its own since, which the lake does not have.
-- Figures: opinion and emphasis of the reports that name it, the latter as the sentence in which the reader of words finds it, else as
-- the words around; where none names it the opinion of the annual audit.
WITH dated AS (
    SELECT
        company_id, period_end, opinion, is_going_concern, emphasis, is_annual, rank, row_id,
        MAX(CASE WHEN is_annual THEN period_end END) OVER (PARTITION BY company_id) AS audited_on
    FROM opinion
),
counted AS (
    SELECT
        company_id, period_end, opinion, is_going_concern, emphasis, is_annual, row_id,
        COUNT(CASE WHEN is_going_concern THEN 1 END) OVER (PARTITION BY company_id) AS naming
    FROM dated
    WHERE (is_annual AND rank = 0) OR audited_on IS NULL OR period_end > audited_on
),
quoted AS (
    SELECT counted.company_id, counted.period_end, MIN(words.sentence) AS sentence
    FROM counted
    JOIN auditor_statement AS words
        ON words.company_id = counted.company_id AND words.period_end = counted.period_end AND words.is_annual = counted.is_annual
    WHERE words.kind = 'going_concern'
    GROUP BY counted.company_id, counted.period_end
),
kinds AS (
    SELECT 'audit_opinion' AS concept UNION ALL SELECT 'emphasis_of_matter'
)
SELECT
    counted.company_id,
    CASE
        WHEN counted.naming >= $danger_reports THEN 'danger'
        WHEN counted.naming > 0 THEN 'watch'
        WHEN counted.opinion = 'unqualified' AND EXTRACT(YEAR FROM counted.period_end) < $unread_from_year THEN 'good'
        ELSE 'unknown'
    END AS level,
    CAST(counted.naming AS DOUBLE) AS measure,
    CASE
        WHEN counted.naming > 0 THEN NULL
        WHEN counted.opinion <> 'unqualified' THEN 'not_computable'
        WHEN EXTRACT(YEAR FROM counted.period_end) >= $unread_from_year THEN 'not_taken_in'
    END AS reason,
    kinds.concept,
    CAST(NULL AS DOUBLE) AS value,
    CASE kinds.concept WHEN 'audit_opinion' THEN counted.opinion ELSE COALESCE(quoted.sentence, SUBSTRING(counted.emphasis, 1, 200)) END AS text,
    CAST(NULL AS VARCHAR) AS unit,
    counted.period_end,
    counted.row_id
FROM counted
CROSS JOIN kinds
LEFT JOIN quoted ON quoted.company_id = counted.company_id AND quoted.period_end = counted.period_end
WHERE (counted.is_going_concern OR (counted.naming = 0 AND counted.is_annual AND NOT counted.is_going_concern))
    AND (kinds.concept = 'audit_opinion' OR (counted.is_going_concern AND counted.emphasis IS NOT NULL))
