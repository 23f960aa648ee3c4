-- Question: do fewer people work at this listed company than before?
-- Rule: criteria/people.yaml, listed_headcount_change. No body has set a number. The newest count is held against every
-- earlier one of the last $window_months months: a count about a year older (11 to 13 months) by the yearly thresholds,
-- any other by the wider ones, so that a slow fall of two or three years shows too. The gravest stands; among equals the
-- deepest fall; where nothing is grave, the count nearest to a year ago. A company that had fewer than $small_persons
-- people is never more than watch: one person moves its percentage too far. A count $spike_times times both its neighbours
-- or more is left out: reports hold slips of the pen.
-- Unknown: no row when the newest count is missing, or no count is 11 to $window_months months older (unless a younger
-- one already shows a grave fall).
-- Figures: the two counts compared, and those one, two and three years before the newest where they lie between.
WITH newest AS (
    SELECT company_id, headcount
    FROM listed_headcount
    WHERE rank = 0 AND headcount IS NOT NULL
),
neighbours AS (
    SELECT
        company_id, months_ago, headcount,
        LAG(headcount) OVER (PARTITION BY company_id ORDER BY rank) AS newer,
        LEAD(headcount) OVER (PARTITION BY company_id ORDER BY rank) AS older
    FROM listed_headcount
),
compared AS (
    SELECT
        earlier.company_id,
        earlier.months_ago,
        100 * CAST(newest.headcount - earlier.headcount AS DOUBLE) / earlier.headcount AS change,
        earlier.headcount < $small_persons AS is_small,
        earlier.months_ago BETWEEN 11 AND 13 AS is_year
    FROM neighbours AS earlier
    JOIN newest ON newest.company_id = earlier.company_id
    WHERE earlier.headcount > 0
        AND (
            earlier.older IS NULL
            OR earlier.headcount < $spike_times * earlier.newer
            OR earlier.headcount < $spike_times * earlier.older
        )
        AND earlier.months_ago BETWEEN 1 AND $window_months
),
judged AS (
    SELECT
        company_id,
        months_ago,
        change,
        CASE
            WHEN NOT is_small AND change <= CASE WHEN is_year THEN $danger_change ELSE $danger_change_long END THEN 2
            WHEN change <= CASE WHEN is_year THEN $watch_change ELSE $watch_change_long END THEN 1
            ELSE 0
        END AS grade
    FROM compared
),
ordered AS (
    SELECT
        company_id,
        months_ago,
        change,
        grade,
        ROW_NUMBER() OVER (
            PARTITION BY company_id
            ORDER BY grade DESC, CASE WHEN grade = 0 THEN ABS(months_ago - 12) ELSE change END, months_ago
        ) AS place
    FROM judged
    WHERE grade > 0 OR months_ago >= 11
)
SELECT
    ordered.company_id,
    CASE ordered.grade WHEN 2 THEN 'danger' WHEN 1 THEN 'watch' ELSE 'good' END AS level,
    ordered.change AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    'headcount' AS concept,
    CAST(figure.headcount AS DOUBLE) AS value,
    CAST(NULL AS VARCHAR) AS text,
    'persons' AS unit,
    figure.period_end,
    figure.row_id
FROM ordered
JOIN listed_headcount AS figure ON figure.company_id = ordered.company_id
WHERE ordered.place = 1
    AND figure.headcount IS NOT NULL
    AND figure.months_ago <= ordered.months_ago
    AND (figure.months_ago IN (0, 12, 24, 36) OR figure.months_ago = ordered.months_ago)
