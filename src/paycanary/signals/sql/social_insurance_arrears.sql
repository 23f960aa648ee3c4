-- Question: does the company stand on the list of large arrears of the four social insurances?
-- Rule: criteria, social_insurance_arrears. The list bears names and no number.
-- Unknown: not_matched where an entry bears the company's name: nothing proves that it is this company, so it is no finding. No row
-- without one: the list was read and lacks the name (not_listed), or was never read (not_taken_in); absence is no proof either.
-- Figures: the likeliest entry: name, province, amount, what the list says beside it, and how many entries bear the name.
WITH entry AS (
    SELECT company_id, name, region, amount, detail, entries, event_on, row_id FROM candidate_notice WHERE kind = 'social_insurance_arrears' AND rank = 0
),
shown AS (
    SELECT company_id, 'listed_name' AS concept, CAST(NULL AS DOUBLE) AS value, name AS text, CAST(NULL AS VARCHAR) AS unit, event_on, row_id FROM entry
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
    company_id,
    'unknown' AS level,
    CAST(NULL AS DOUBLE) AS measure,
    'not_matched' AS reason,
    concept,
    value,
    text,
    unit,
    event_on AS period_end,
    row_id
FROM shown
WHERE value IS NOT NULL OR text IS NOT NULL
