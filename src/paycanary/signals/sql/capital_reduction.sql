-- Question: did the company cancel shares without paying for them (무상감자) in the last $window_months months?
-- Rule: criteria/funding.yaml, capital_reduction. It covers losses on paper and is a customary remedy for capital impairment, so it
-- says what came before it; it brings no money. Reductions that pay shareholders (유상감자) are not counted.
-- Unknown: no row when no change of capital has ever been published for the company.
-- Figures: shares cancelled each time; without any, the newest change of any kind, which shows that the list was read.
SELECT
    changes.company_id,
    CASE WHEN counted.reductions >= $watch_reductions THEN 'watch' ELSE 'good' END AS level,
    CAST(counted.reductions AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    CASE WHEN counted.reductions > 0 THEN 'capital_reduction' ELSE 'capital_change' END AS concept,
    CASE WHEN counted.reductions > 0 THEN changes.shares END AS value,
    CASE WHEN counted.reductions = 0 OR changes.shares IS NULL THEN changes.form END AS text,
    'shares' AS unit,
    changes.changed_on AS period_end,
    changes.row_id
FROM (
    SELECT
        company_id,
        COUNT(DISTINCT CASE
            WHEN category = 'reduction' AND months_ago < $window_months AND COALESCE(form, '') NOT LIKE '%유상%' THEN changed_on
        END) AS reductions,
        MIN(months_ago) AS newest
    FROM capital_change
    GROUP BY company_id
) AS counted
INNER JOIN capital_change AS changes ON changes.company_id = counted.company_id
WHERE
    (changes.category = 'reduction' AND changes.months_ago < $window_months AND COALESCE(changes.form, '') NOT LIKE '%유상%')
    OR (counted.reductions = 0 AND changes.months_ago = counted.newest)
