-- Of the rows of whole months in view moving (a reading each): people who perhaps moved from one company's workplace to another's.
-- No register tells it. Where 10 or more leave a workplace and within the same month about as many join one of another company
-- that is of the same trade and province, or bears the same six digits of the business number, and for which so many are a
-- tenth of its people or more, the same people may stand behind both. Of several the nearest in number is kept, with how many
-- there were. What the numbers mean was measured on made months (benchmarks/country): tests/country/test_country_signals.py.
WITH flows AS (
    SELECT company_id, workplace, period_end, headcount, joiners, leavers, business_number, industry_code, region, filing_id, published_on,
        headcount - joiners + leavers AS previous
    FROM moving
    WHERE NOT is_site AND (joiners >= 10 OR leavers >= 10)
),
met AS (
    SELECT gone.company_id, gone.workplace, gone.period_end, gone.leavers, came.company_id AS other_id, came.workplace AS other_workplace,
        came.joiners, gone.filing_id, gone.published_on,
        count(*) OVER (PARTITION BY gone.company_id, gone.workplace, gone.filing_id) AS candidates,
        row_number() OVER (
            PARTITION BY gone.company_id, gone.workplace, gone.filing_id
            ORDER BY abs(came.joiners - gone.leavers), came.previous, came.company_id, came.workplace
        ) AS place
    FROM flows AS gone
    JOIN flows AS came ON came.filing_id = gone.filing_id AND came.company_id <> gone.company_id
        AND ((came.region = gone.region AND came.industry_code = gone.industry_code) OR came.business_number = gone.business_number)
    WHERE gone.leavers >= 10 AND gone.leavers > gone.joiners AND 10 * gone.leavers >= gone.previous
        AND came.joiners >= 10 AND came.joiners > came.leavers AND 10 * came.joiners >= came.previous
        -- Some are not taken over, and a few more are hired with them.
        AND came.joiners BETWEEN gone.leavers - greatest(1, 0.05 * gone.leavers) AND gone.leavers + greatest(3, 0.05 * gone.leavers)
)
SELECT company_id, workplace, period_end, leavers, other_id, other_workplace, joiners, candidates, 'nps' AS source, filing_id, published_on
FROM met
WHERE place = 1
