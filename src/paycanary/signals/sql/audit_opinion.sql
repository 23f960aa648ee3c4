-- Question: what did the auditor say of the newest full year?
-- Rule: criteria/audit.yaml, audit_opinion. Grades: unqualified 0, qualified 1, adverse 2, disclaimer 3. KRX delists for 2 and
-- 3, and for a qualified opinion (scope limited) delists on KOSDAQ and puts under administration on KOSPI.
-- Unknown: no row without an annual audit; not_computable when the text names no opinion.
-- Figures: the opinion.
WITH graded AS (
    SELECT
        company_id, period_end, opinion, row_id,
        CASE opinion WHEN 'disclaimer' THEN 3 WHEN 'adverse' THEN 2 WHEN 'qualified' THEN 1 WHEN 'unqualified' THEN 0 END AS grade
    FROM opinion
    WHERE is_annual AND rank = 0
)
SELECT
    company_id,
    CASE
        WHEN grade IS NULL THEN 'unknown'
        WHEN grade >= $danger_opinion THEN 'danger'
        WHEN grade > 0 THEN 'watch'
        ELSE 'good'
    END AS level,
    CAST(grade AS DOUBLE) AS measure,
    CASE WHEN grade IS NULL THEN 'not_computable' END AS reason,
    'audit_opinion' AS concept,
    CAST(NULL AS DOUBLE) AS value,
    opinion AS text,
    CAST(NULL AS VARCHAR) AS unit,
    period_end,
    row_id
FROM graded
