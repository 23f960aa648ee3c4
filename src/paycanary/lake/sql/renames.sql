-- Of the rows of a month and of the month before it (views before and after, construction sites left out): companies that go on
-- under another name. A name makes a company's id, so a new name makes a new company. The same one is taken to go on where the id
-- is gone that month and another one is new, although its workplace entered the scheme on an earlier day: the same day, trade,
-- province and six digits of the business number as a workplace of the one that is gone; and its people are those of the month
-- before, with the joiners and less the leavers. Where several fit, nothing is told.
WITH ended AS (
    SELECT * FROM before ANTI JOIN after USING (company_id) WHERE status IS DISTINCT FROM 'withdrawn' AND headcount > 0
),
begun AS (
    SELECT * FROM after ANTI JOIN before USING (company_id) WHERE enrolled_on < date_trunc('month', period_end)
),
pairs AS (
    SELECT DISTINCT ended.company_id, begun.company_id AS other_id, begun.period_end, begun.filing_id, begun.published_on
    FROM ended JOIN begun ON begun.business_number = ended.business_number AND begun.enrolled_on = ended.enrolled_on
        AND begun.industry_code = ended.industry_code AND begun.region = ended.region
        AND begun.headcount - begun.joiners + begun.leavers = ended.headcount
)
SELECT company_id, other_id, period_end, 'nps' AS source, filing_id, published_on
FROM pairs
QUALIFY count(*) OVER (PARTITION BY company_id) = 1 AND count(*) OVER (PARTITION BY other_id) = 1
