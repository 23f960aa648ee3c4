-- Question: on how many days of the last $window_months months were new shares sold for money?
-- Rule: criteria/funding.yaml, share_issues. The supervisor found that companies later delisted issued shares and convertibles far
-- more often than others, but nobody names a number: the threshold is paycanary's. Several allotments of one day are one
-- issue. Conversions, options, bonus shares and contributions in kind are not counted.
-- Unknown: no row when no change of capital has ever been published for the company: an empty table and one never taken in
-- look the same.
-- Figures: what every such issue of the last $figure_months months brought in (a first listing is one too), its form where no
-- price is filed; without any, the newest change of any kind, which shows that the list was read.
SELECT
    changes.company_id,
    CASE WHEN counted.issues >= $watch_issues THEN 'watch' ELSE 'good' END AS level,
    CAST(counted.issues AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    CASE WHEN counted.shown > 0 THEN 'share_issue' ELSE 'capital_change' END AS concept,
    CASE WHEN counted.shown > 0 THEN changes.proceeds END AS value,
    CASE WHEN counted.shown = 0 OR changes.proceeds IS NULL THEN changes.form END AS text,
    'KRW' AS unit,
    changes.changed_on AS period_end,
    changes.row_id
FROM (
    SELECT
        company_id,
        COUNT(DISTINCT CASE WHEN category = 'paid_in' AND months_ago < $window_months THEN changed_on END) AS issues,
        COUNT(CASE WHEN category = 'paid_in' AND months_ago < $figure_months THEN 1 END) AS shown,
        MIN(months_ago) AS newest
    FROM capital_change
    GROUP BY company_id
) AS counted
INNER JOIN capital_change AS changes ON changes.company_id = counted.company_id
WHERE
    (changes.category = 'paid_in' AND changes.months_ago < $figure_months)
    OR (counted.shown = 0 AND changes.months_ago = counted.newest)
