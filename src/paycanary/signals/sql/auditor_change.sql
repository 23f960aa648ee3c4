-- Question: did the auditor change again and again?
-- Rule: criteria/audit.yaml, auditor_change. Listed companies keep one auditor for three fiscal years by law, and designation
-- runs three years after six chosen ones: one change over the newest audit and the $window_years before it is usual. Watch
-- at most: companies newly listed, designated out of turn or bought change too.
-- Names are compared without brackets, blanks, representatives, legal form and network; a name that holds the other is the
-- same firm after a merger. They are cited without representatives, so that no person's name is.
-- Unknown: no row with fewer than two annual audits that name an auditor.
-- Figures: the auditor of every year looked at.
WITH named AS (
    SELECT
        company_id, period_end, row_id,
        REGEXP_REPLACE(
            REGEXP_REPLACE(REGEXP_REPLACE(auditor, '[(][^)]*[)]', '', 'g'), '[^가-힣A-Za-z]', '', 'g'),
            '대표.*', '', 'g'
        ) AS name
    FROM opinion
    WHERE is_annual AND rank <= $window_years
),
keyed AS (
    SELECT
        company_id, period_end, row_id, name,
        REGEXP_REPLACE(
            UPPER(name),
            '공인회계사?감사반|회[계게화][가-힣]?인?|해당사항없[음슴]|해당없음|DELOITTE|딜로이트|KPMG|PWC|EY', '', 'g'
        ) AS firm
    FROM named
),
paired AS (
    SELECT
        company_id, period_end, row_id, name, firm,
        LAG(firm) OVER (PARTITION BY company_id ORDER BY period_end) AS former
    FROM keyed
    WHERE firm <> ''
),
counted AS (
    SELECT
        company_id, period_end, row_id, name,
        COUNT(CASE WHEN STRPOS(firm, former) = 0 AND STRPOS(former, firm) = 0 THEN 1 END)
            OVER (PARTITION BY company_id) AS changes,
        COUNT(*) OVER (PARTITION BY company_id) AS years
    FROM paired
)
SELECT
    company_id,
    CASE WHEN changes >= $watch_changes THEN 'watch' ELSE 'good' END AS level,
    CAST(changes AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    'auditor' AS concept,
    CAST(NULL AS DOUBLE) AS value,
    name AS text,
    CAST(NULL AS VARCHAR) AS unit,
    period_end,
    row_id
FROM counted
WHERE years >= 2
