-- Question: on how many days of the last $window_months months were new shares sold for money?
-- Rule: criteria/funding.yaml, share_issues. The supervisor found that companies later delisted issued shares and convertibles far
-- more often than others, but nobody names a number: the threshold is paycanary's. Several allotments of one day are one
-- issue. Conversions, options, bonus shares and contributions in kind are not counted.
-- Unknown: no row when no change of capital has ever been published for the company: an empty table and one never taken in
-- look the same.
-- Figures: what every such issue of the last $figure_months months brought in (a first listing is one too), its form where no
-- price is filed; without any, the newest change of any kind, which shows that the list was read.
SELECT
    company_id,
    CASE WHEN days >= $watch_issues THEN 'watch' ELSE 'good' END AS level,
    CAST(days AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    CASE WHEN shown THEN 'share_issue' ELSE 'capital_change' END AS concept,
    CASE WHEN shown THEN proceeds END AS value,
    CASE WHEN shown AND proceeds IS NOT NULL THEN NULL ELSE form END AS text,
    'KRW' AS unit,
    changed_on AS period_end,
    row_id
FROM (
    SELECT
        *,
        MAX(CASE WHEN shown AND months_ago < $window_months THEN nth ELSE 0 END) OVER (PARTITION BY company_id) AS days,
        MAX(CASE WHEN shown THEN 1 ELSE 0 END) OVER (PARTITION BY company_id) AS any_shown
    FROM (
        SELECT *, DENSE_RANK() OVER (PARTITION BY company_id, shown ORDER BY changed_on DESC) AS nth
        FROM (
            SELECT *, category = 'paid_in' AND months_ago < $figure_months AS shown
            FROM capital_change
        ) AS marked
    ) AS ranked
) AS judged
WHERE shown OR (any_shown = 0 AND nth = 1)
