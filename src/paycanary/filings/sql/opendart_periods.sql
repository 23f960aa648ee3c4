-- Table 'periods': what stretch of time each report speaks of, and where the two fiscal years before it ended.
-- The name of a report does not tell: for a fiscal year that ends in June the report of March is called "1분기" and covers nine
-- months; most real estate trusts (REITs) file an annual report every six or even three months; a company that moves its
-- year's end has one short year. So months are counted from the annual report before.
-- months is NULL where it stays unknown: a trust's without the report before.
CREATE OR REPLACE TEMP TABLE periods AS
WITH years AS (
    SELECT DISTINCT corp_code, period_end FROM reports WHERE form = 'annual'
),
trusts AS (
    SELECT corp_code FROM (SELECT corp_code, date_diff('month', lag(period_end) OVER (PARTITION BY corp_code ORDER BY period_end), period_end) AS months FROM years)
    GROUP BY corp_code HAVING max(months) IN (3, 6)
),
known AS (
    SELECT r.rcept_no, r.corp_code, r.form, r.period_end, coalesce(r.is_certain, false) AS is_certain,
        regexp_matches(coalesce(r.name, ''), '(^|[^메])리츠|부동산투자회사') OR r.corp_code IN (SELECT corp_code FROM trusts) AS is_trust,
        list(y.period_end ORDER BY y.period_end DESC) FILTER (y.period_end < r.period_end) AS ends,
        min(y.period_end) FILTER (y.period_end > r.period_end) AS next_end
    FROM reports r LEFT JOIN years y ON y.corp_code = r.corp_code
    GROUP BY ALL
),
apart AS (
    SELECT *, date_diff('month', ends[1], period_end) AS since_1, date_diff('month', ends[2], ends[1]) AS since_2,
        date_diff('month', ends[3], ends[2]) AS since_3, date_diff('month', period_end, next_end) AS until_next
    FROM known
),
measured AS (
    SELECT *, CASE
        WHEN form = 'other' THEN NULL
        WHEN form = 'annual' THEN CASE WHEN since_1 <= 12 THEN since_1
                                       WHEN NOT is_trust THEN 12 END
        WHEN since_1 < 12 THEN since_1
        WHEN is_trust THEN NULL
        WHEN since_1 >= 12 THEN nullif(since_1 % 12, 0)
        WHEN until_next < 12 THEN 12 - until_next
        WHEN is_certain OR month(period_end) = form_months(form) THEN form_months(form)
        END AS months
    FROM apart
),
-- The fiscal year before: from its own annual report to the one before that; else a whole year, unless this one was short.
prior AS (
    SELECT *, months_before(period_end, months) AS prior_end,
        CASE WHEN since_1 = months AND since_2 IS NOT NULL THEN least(since_2, 12)
             WHEN NOT is_trust THEN 12 END AS prior_months
    FROM measured
),
before AS (
    SELECT *, months_before(prior_end, prior_months) AS before_end,
        CASE WHEN since_1 = months AND since_2 = prior_months AND since_3 IS NOT NULL THEN least(since_3, 12)
             WHEN NOT is_trust AND prior_months = 12 THEN 12 END AS before_months
    FROM prior
)
SELECT rcept_no, corp_code, form, period_end, months, prior_end, prior_months, before_end, before_months FROM before;
