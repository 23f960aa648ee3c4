-- Question: does the company stand on the labour ministry's list of employers with unpaid wages?
-- Rule: criteria/arrears.yaml, wage_arrears. The list itself bears names and no number. Work24 answers by business number: yes is
-- danger, and the newest answer stands. A no also says that an entry of the same name is another's, unless the entry is newer.
-- Measure: where the number is on the list, the amount of the entry of the same name.
-- Unknown: not_matched where an entry bears the company's name only: nothing proves that it is this company, so it is no finding.
-- not_listed where the number was asked about and is not on the list. No row without either: the list was read and lacks the name
-- (not_listed), or was never read (not_taken_in). Absence is no proof of pay.
-- Figures: the answer by number with its day; the likeliest entry of the name: name, province, amount, round and industry, and how
-- many entries bear the name.
WITH said AS (
    SELECT
        company_id, category, event_on, row_id,
        ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY event_on DESC, category) AS place
    FROM notice
    WHERE kind = 'wage_arrears'
),
answered AS (
    SELECT company_id, category, event_on, row_id FROM said WHERE place = 1
),
entry AS (
    SELECT e.company_id, e.name, e.region, e.amount, e.detail, e.entries, e.event_on, e.row_id
    FROM candidate_notice e
    LEFT JOIN answered a ON a.company_id = e.company_id AND a.category = 'not_listed'
    WHERE
        e.kind = 'wage_arrears' AND e.rank = 0
        AND (a.company_id IS NULL OR COALESCE(e.event_on, e.published_on) > a.event_on)
),
judged AS (
    SELECT
        COALESCE(a.company_id, e.company_id) AS company_id,
        CASE WHEN a.category = 'listed' THEN 'danger' ELSE 'unknown' END AS level,
        CASE WHEN a.category = 'listed' THEN e.amount END AS measure,
        CASE WHEN a.category = 'listed' THEN NULL WHEN e.company_id IS NULL THEN 'not_listed' ELSE 'not_matched' END AS reason
    FROM answered a
    FULL OUTER JOIN entry e ON e.company_id = a.company_id
),
shown AS (
    SELECT company_id, 'wage_arrears' AS concept, CAST(NULL AS DOUBLE) AS value, category AS text, CAST(NULL AS VARCHAR) AS unit, event_on, row_id
    FROM answered WHERE category = 'listed'
    UNION ALL
    SELECT a.company_id, 'list_read', NULL, a.category, NULL, a.event_on, a.row_id
    FROM answered a LEFT JOIN entry e ON e.company_id = a.company_id
    WHERE a.category = 'not_listed' AND e.company_id IS NULL
    UNION ALL
    SELECT company_id, 'listed_name', NULL, name, NULL, event_on, row_id FROM entry
    UNION ALL
    SELECT company_id, 'listed_region', NULL, region, NULL, event_on, row_id FROM entry
    UNION ALL
    SELECT company_id, 'listed_amount', amount, NULL, 'KRW', event_on, row_id FROM entry
    UNION ALL
    SELECT company_id, 'listed_detail', NULL, detail, NULL, event_on, row_id FROM entry
    UNION ALL
    SELECT company_id, 'listed_entries', CAST(entries AS DOUBLE), NULL, NULL, event_on, row_id FROM entry
)
SELECT
    j.company_id,
    j.level,
    j.measure,
    j.reason,
    s.concept,
    s.value,
    s.text,
    s.unit,
    s.event_on AS period_end,
    s.row_id
FROM judged j
JOIN shown s ON s.company_id = j.company_id
WHERE s.value IS NOT NULL OR s.text IS NOT NULL
