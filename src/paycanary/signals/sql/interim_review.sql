-- Question: what did the auditor say of the periods after the newest full year?
-- Rule: criteria/audit.yaml, interim_review. The gravest review newer than the newest annual audit; grades as in
-- audit_opinion.sql.
-- Unknown: not_applicable when no interim report is newer, or none names a conclusion: many are not reviewed at all; no row
-- without any opinion.
-- Figures: the review's conclusion.
WITH audited AS (
    SELECT company_id, MAX(CASE WHEN is_annual THEN period_end END) AS period_end
    FROM opinion
    GROUP BY company_id
),
reviews AS (
    SELECT
        review.company_id, review.period_end, review.opinion, review.rank, review.row_id,
        CASE review.opinion WHEN 'disclaimer' THEN 3 WHEN 'adverse' THEN 2 WHEN 'qualified' THEN 1 ELSE 0 END AS grade
    FROM opinion AS review
    JOIN audited ON audited.company_id = review.company_id
    WHERE NOT review.is_annual
        AND review.opinion <> 'none'
        AND (audited.period_end IS NULL OR review.period_end > audited.period_end)
),
ordered AS (
    SELECT
        company_id, period_end, opinion, row_id, grade,
        ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY grade DESC, rank) AS place
    FROM reviews
)
SELECT
    audited.company_id,
    CASE
        WHEN ordered.grade IS NULL THEN 'unknown'
        WHEN ordered.grade >= $danger_opinion THEN 'danger'
        WHEN ordered.grade > 0 THEN 'watch'
        ELSE 'good'
    END AS level,
    CAST(ordered.grade AS DOUBLE) AS measure,
    CASE WHEN ordered.grade IS NULL THEN 'not_applicable' END AS reason,
    'audit_opinion' AS concept,
    CAST(NULL AS DOUBLE) AS value,
    ordered.opinion AS text,
    CAST(NULL AS VARCHAR) AS unit,
    ordered.period_end,
    ordered.row_id
FROM audited
LEFT JOIN ordered ON ordered.company_id = audited.company_id AND ordered.place = 1
