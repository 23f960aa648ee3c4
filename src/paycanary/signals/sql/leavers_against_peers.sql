-- Question: do more people leave the company than leave companies of its kind?
-- Rule: criteria/people.yaml, leavers_against_peers. No body has set a number, so the company is held against companies of its trade,
-- province and size. Watch where over $judged_months months it lies among the highest and has shrunk; never danger: one of twenty
-- always lies there, and many leavers beside as many joiners are no distress.
-- Not watch where half of the loss or more perhaps moved to other companies (peer_standing.moved): a split is no loss of that kind.
-- Measure: leavers of $judged_months months per 100 people insured at a month's beginning.
-- Unknown: no row where a month of the window is missing, the company had fewer than 10 people when it began, or fewer than
-- $least_peers companies are of its kind.
-- Figures: over 1, 3, 6 and 12 months, as far as they are there, the rate and how many of 100 companies lie below; of the months judged
-- also joiners and leavers, and how many companies it was held against.
WITH judged AS (
    SELECT
        company_id, period_end, value, row_id,
        CASE
            WHEN 2 * moved >= before - newest THEN 'good'
            WHEN newest < before AND percentile >= $watch_percentile THEN 'watch'
            ELSE 'good'
        END AS level
    FROM peer_standing
    WHERE metric = 'exit_rate' AND months = $judged_months AND companies >= $least_peers
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
JOIN peer_figure AS figure ON figure.company_id = judged.company_id AND figure.metric = 'exit_rate' AND figure.companies >= $least_peers
    AND (NOT figure.is_judged OR figure.months = $judged_months)
