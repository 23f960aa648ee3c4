-- Question: are fewer people insured in the national pension through this company than before?
-- Rule: criteria/people.yaml, headcount_change. No body has set a number. Compared as in listed_headcount_change.sql. Where
-- no month 11 to $window_months months older is there, the next older one up to $oldest_months takes its place, for watch
-- at most and only from $danger_change_long on; where there is none either, the oldest month there is.
-- Insured is not employed (ages 18 to 59 only), and a workplace that enters or leaves the file moves the sum.
-- Unknown: no row when only one month is there, or the newest has no headcount.
-- Figures: the two months compared, and those 1, 3, 6, 12, 24 and 36 months before the newest where they lie between.
WITH newest AS (
    SELECT company_id, headcount
    FROM workplace_month
    WHERE rank = 0 AND headcount IS NOT NULL
),
neighbours AS (
    SELECT
        company_id, months_ago, headcount,
        LAG(headcount) OVER (PARTITION BY company_id ORDER BY rank) AS newer,
        LEAD(headcount) OVER (PARTITION BY company_id ORDER BY rank) AS older
    FROM workplace_month
),
compared AS (
    SELECT
        earlier.company_id,
        earlier.months_ago,
        100 * CAST(newest.headcount - earlier.headcount AS DOUBLE) / earlier.headcount AS change,
        earlier.headcount < $small_persons OR earlier.months_ago > $window_months AS is_weak,
        earlier.months_ago > $window_months AS is_old,
        earlier.months_ago BETWEEN 11 AND 13 AS is_year,
        MIN(CASE WHEN earlier.months_ago >= 11 THEN earlier.months_ago END)
            OVER (PARTITION BY earlier.company_id) AS nearest
    FROM neighbours AS earlier
    JOIN newest ON newest.company_id = earlier.company_id
    WHERE earlier.headcount > 0
        AND (
            earlier.older IS NULL
            OR earlier.headcount < $spike_times * earlier.newer
            OR earlier.headcount < $spike_times * earlier.older
        )
        AND earlier.months_ago BETWEEN 1 AND $oldest_months
),
judged AS (
    SELECT
        company_id,
        months_ago,
        change,
        CASE
            WHEN NOT is_weak AND change <= CASE WHEN is_year THEN $danger_change ELSE $danger_change_long END THEN 2
            WHEN change <= CASE WHEN is_year THEN $watch_change WHEN is_old THEN $danger_change_long ELSE $watch_change_long END THEN 1
            ELSE 0
        END AS grade
    FROM compared
    WHERE months_ago <= GREATEST($window_months, COALESCE(nearest, 0))
),
ordered AS (
    SELECT
        company_id,
        months_ago,
        change,
        grade,
        ROW_NUMBER() OVER (
            PARTITION BY company_id
            ORDER BY
                grade DESC,
                CASE WHEN grade = 0 AND months_ago < 11 THEN 1 ELSE 0 END,
                CASE WHEN grade = 0 THEN ABS(months_ago - 12) ELSE change END,
                months_ago
        ) AS place
    FROM judged
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
JOIN workplace_month AS figure ON figure.company_id = ordered.company_id
WHERE ordered.place = 1
    AND figure.headcount IS NOT NULL
    AND figure.months_ago <= ordered.months_ago
    AND (figure.months_ago IN (0, 1, 3, 6, 12, 24, 36) OR figure.months_ago = ordered.months_ago)
