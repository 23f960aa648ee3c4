-- Question: did the company's people grow fewer than those of companies of its kind?
-- Rule: criteria/people.yaml, change_against_peers. No body has set a number, so the company is held against companies of its trade,
-- province and size. Watch where over $judged_months months it lies among the lowest $watch_percentile of 100 and has shrunk; never
-- danger: one of twenty always lies there. Twelve months, so that a season is compared with itself.
-- Not watch where half of the loss or more perhaps moved to other companies (peer_standing.moved): a split is no loss of that kind.
-- Measure: change of the headcount over $judged_months months, percent.
-- Unknown: no row where a month of the window is missing, the company had fewer than 10 people when it began, or fewer than
-- $least_peers companies are of its kind.
-- Figures: over 1, 3, 6 and 12 months, as far as they are there, the change and how many of 100 companies lie below; of the months judged
-- also the two headcounts, and how many companies it was held against.
WITH judged AS (
    SELECT
        company_id, period_end, value, row_id,
        CASE
            WHEN 2 * moved >= before - newest THEN 'good'
            WHEN newest < before AND percentile <= $watch_percentile THEN 'watch'
            ELSE 'good'
        END AS level
    FROM peer_standing
    WHERE metric = 'change' AND months = $judged_months AND companies >= $least_peers
)
SELECT
    judged.company_id,
    judged.level,
    judged.value AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    figure.concept,
    figure.value,
    figure.text,
    figure.unit,
    judged.period_end,
    judged.row_id
FROM judged
JOIN peer_figure AS figure ON figure.company_id = judged.company_id AND figure.metric = 'change' AND figure.companies >= $least_peers
    AND (NOT figure.is_judged OR figure.months = $judged_months)
