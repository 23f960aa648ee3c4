-- What auditors said: of the newest year, of three years, and in the newest interim review. A company whose interim reports name no
-- review (most small ones need none) has none, which is not the same as a clean one.
WITH firms AS (
    SELECT company_id, COUNT(DISTINCT firm) AS firms
    FROM (
        SELECT company_id, REGEXP_REPLACE(REGEXP_REPLACE(auditor, '[(][^)]*[)]', '', 'g'), '[^가-힣A-Za-z]|회계법인', '', 'g') AS firm
        FROM opinion WHERE is_annual AND rank < 4 AND auditor IS NOT NULL
    ) AS named
    WHERE firm <> '' GROUP BY company_id
)
SELECT o.company_id,
    CAST(MAX(CASE WHEN o.is_annual AND o.rank = 0 THEN CASE WHEN o.opinion = 'qualified' THEN 1 ELSE 0 END END) AS DOUBLE) AS qualified_opinion,
    CAST(MAX(CASE WHEN o.is_annual AND o.rank = 0 THEN CASE WHEN o.is_going_concern THEN 1 ELSE 0 END END) AS DOUBLE) AS going_concern,
    CAST(SUM(CASE WHEN o.is_annual AND o.rank < 3 AND o.is_going_concern THEN 1 ELSE 0 END) AS DOUBLE) AS going_concern_years_3y,
    CAST(MAX(CASE WHEN NOT o.is_annual AND o.rank = 0 AND o.opinion IN ('disclaimer', 'adverse') THEN 1 ELSE 0 END) AS DOUBLE) AS interim_disclaimer,
    CAST(MAX(CASE WHEN NOT o.is_annual AND o.rank = 0 AND o.opinion IN ('disclaimer', 'adverse', 'qualified') THEN 1 ELSE 0 END) AS DOUBLE) AS interim_modified,
    CAST(MAX(CASE WHEN NOT o.is_annual AND o.rank = 0 AND o.is_going_concern THEN 1 ELSE 0 END) AS DOUBLE) AS interim_going_concern,
    CAST(MAX(CASE WHEN NOT o.is_annual THEN 1 ELSE 0 END) AS DOUBLE) AS has_interim_review,
    CAST(MAX(f.firms) AS DOUBLE) AS audit_firms_4y
FROM opinion o
LEFT JOIN firms f ON f.company_id = o.company_id
GROUP BY o.company_id
