-- Question: what does the auditor point at beside the opinion?
-- Rule: criteria/audit.yaml, auditor_statements. Kinds of statement that the reader of words finds in the newest annual audit and
-- in newer interim reports. Going concern has a signal of its own and is not counted here.
-- Measure: how many kinds.
-- Unknown: no row when nothing was read.
-- Figures: for each kind the sentence that decided, of the newest report that makes it; else that a report was read and makes none.
WITH ranked AS (
    SELECT
        company_id, period_end, kind, sentence, row_id,
        ROW_NUMBER() OVER (PARTITION BY company_id, kind ORDER BY period_end DESC, row_id) AS place
    FROM auditor_statement
    WHERE kind NOT IN ('none', 'going_concern')
),
stated AS (
    SELECT company_id, period_end, kind, sentence, row_id, COUNT(kind) OVER (PARTITION BY company_id) AS kinds
    FROM ranked
    WHERE place = 1
),
silent AS (
    SELECT
        words.company_id, words.period_end, words.row_id,
        ROW_NUMBER() OVER (PARTITION BY words.company_id ORDER BY words.period_end DESC, words.row_id) AS place
    FROM auditor_statement AS words
    LEFT JOIN stated ON stated.company_id = words.company_id
    WHERE stated.company_id IS NULL
)
SELECT
    company_id,
    CASE WHEN kinds >= $watch_kinds THEN 'watch' ELSE 'good' END AS level,
    CAST(kinds AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    CONCAT('says_', kind) AS concept,
    CAST(NULL AS DOUBLE) AS value,
    sentence AS text,
    CAST(NULL AS VARCHAR) AS unit,
    period_end,
    row_id
FROM stated
UNION ALL
SELECT
    company_id,
    'good' AS level,
    CAST(0 AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    'auditor_words' AS concept,
    CAST(NULL AS DOUBLE) AS value,
    'nothing_stated' AS text,
    CAST(NULL AS VARCHAR) AS unit,
    period_end,
    row_id
FROM silent
WHERE place = 1
