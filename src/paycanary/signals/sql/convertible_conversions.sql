-- Question: on how many days of the last $window_months months did holders of convertible bonds and warrants take shares?
-- Rule: criteria/funding.yaml, convertible_conversions. Nobody names a number: the threshold is paycanary's. It says that the
-- company lived on convertibles and that the old shares were thinned out; no new money comes in with a conversion.
-- Unknown: no row when no change of capital has ever been published for the company.
-- Figures: shares issued each time; without any, the newest change of any kind, which shows that the list was read.
SELECT
    changes.company_id,
    CASE WHEN counted.conversions >= $watch_days THEN 'watch' ELSE 'good' END AS level,
    CAST(counted.conversions AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    CASE WHEN counted.conversions > 0 THEN 'conversion' ELSE 'capital_change' END AS concept,
    CASE WHEN counted.conversions > 0 THEN changes.shares END AS value,
    CASE WHEN counted.conversions = 0 OR changes.shares IS NULL THEN changes.form END AS text,
    'shares' AS unit,
    changes.changed_on AS period_end,
    changes.row_id
FROM (
    SELECT
        company_id,
        COUNT(DISTINCT CASE WHEN category IN ('conversion', 'warrant') AND months_ago < $window_months THEN changed_on END)
            AS conversions,
        MIN(months_ago) AS newest
    FROM capital_change
    GROUP BY company_id
) AS counted
INNER JOIN capital_change AS changes ON changes.company_id = counted.company_id
WHERE
    (changes.category IN ('conversion', 'warrant') AND changes.months_ago < $window_months)
    OR (counted.conversions = 0 AND changes.months_ago = counted.newest)
