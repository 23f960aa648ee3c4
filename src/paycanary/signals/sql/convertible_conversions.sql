-- Question: on how many days of the last $window_months months did holders of convertible bonds and warrants take shares?
-- Rule: criteria/funding.yaml, convertible_conversions. Nobody names a number: the threshold is paycanary's. It says that the
-- company lived on convertibles and that the old shares were thinned out; no new money comes in with a conversion.
-- Unknown: no row when no change of capital has ever been published for the company.
-- Figures: shares issued on the newest $figure_days of those days; without any, the newest change of any kind, which shows
-- that the list was read.
SELECT
    company_id,
    CASE WHEN days >= $watch_days THEN 'watch' ELSE 'good' END AS level,
    CAST(days AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    CASE WHEN counts THEN 'conversion' ELSE 'capital_change' END AS concept,
    CASE WHEN counts THEN shares END AS value,
    CASE WHEN counts AND shares IS NOT NULL THEN NULL ELSE form END AS text,
    'shares' AS unit,
    changed_on AS period_end,
    row_id
FROM (
    SELECT *, MAX(CASE WHEN counts THEN nth ELSE 0 END) OVER (PARTITION BY company_id) AS days
    FROM (
        SELECT *, DENSE_RANK() OVER (PARTITION BY company_id, counts ORDER BY changed_on DESC) AS nth
        FROM (
            SELECT *, category IN ('conversion', 'warrant') AND months_ago < $window_months AS counts
            FROM capital_change
        ) AS marked
    ) AS ranked
) AS judged
WHERE (counts AND nth <= $figure_days) OR (days = 0 AND nth = 1)
