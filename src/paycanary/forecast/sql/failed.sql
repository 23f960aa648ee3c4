-- What has happened already, as `outcomes.sql` counts it, from what was public on the day: the earliest event of each company.
WITH public AS (
    SELECT company_id, published_on AS happened_on, opinion AS text, 'audit_opinion' AS concept, period_end, row_id
    FROM known_opinions WHERE is_annual AND opinion IN ('disclaimer', 'adverse')
    UNION ALL
    SELECT company_id, CASE WHEN kind = 'delisting' THEN event_on ELSE GREATEST(event_on, published_on) END, detail, kind, event_on AS period_end, row_id
    FROM known_notices
    WHERE (kind = 'delisting' AND category = 'distress') OR kind IN ('default', 'dissolution') OR (kind = 'rehabilitation' AND category = 'applied')
),
ordered AS (
    SELECT p.company_id, p.concept, p.text, p.period_end, p.row_id, ROW_NUMBER() OVER (PARTITION BY p.company_id ORDER BY p.happened_on, p.row_id) AS place
    FROM public p JOIN scope s ON s.company_id = p.company_id
    WHERE p.happened_on <= s.as_of
)
SELECT company_id, 'failed' AS topic, concept, CAST(NULL AS DOUBLE) AS value, text, CAST(NULL AS VARCHAR) AS unit, period_end, row_id
FROM ordered WHERE place = 1
