-- Question: are fewer people insured in the national pension through this company than before?
-- Rule: criteria/people.yaml, headcount_change. No body has set a number. Compared as in listed_headcount_change.sql. Where
-- no month 11 to $window_months months older is there, the next older one up to $oldest_months takes its place, for watch
-- at most and only from $danger_change_long on; where there is none either, the oldest month there is.
-- People who left since and perhaps moved to another company (moved_month) are taken to be there still where danger is judged: a
-- split or a branch sold is watch at most, as long as those who went otherwise are no danger by themselves.
-- A fall since a month of another season is none where the season tells it: a year before, the company lost $season_share percent and
-- $season_persons people or more and at least half as large a part between the same two months, came back to $season_back percent of
-- the people it had had, and half of those lost since had come in the meantime.
-- What it lost beside its season shows in the same month of the years before.
-- Insured is not employed (ages 18 to 59 only), and a workplace that enters or leaves the file moves the sum.
-- Unknown: no row when only one month is there, or the newest has no headcount.
-- Figures: the two months compared, and those 1, 3, 6, 12, 24 and 36 months before the newest where they lie between; where it is
-- watch or danger, where people perhaps moved in between, and how many; where it is good by the season, the month before this season's fall
-- and the two of the year before.
WITH newest AS (
    SELECT company_id, headcount
    FROM workplace_month
    WHERE months_ago = 0 AND headcount IS NOT NULL
),
neighbours AS (
    SELECT
        company_id, months_ago, headcount,
        LAG(headcount) OVER (PARTITION BY company_id ORDER BY months_ago) AS newer,
        LEAD(headcount) OVER (PARTITION BY company_id ORDER BY months_ago) AS older
    FROM workplace_month
),
moved AS (
    SELECT earlier.company_id, earlier.months_ago, SUM(moved_month.moved) AS moved
    FROM moved_month
    JOIN workplace_month AS earlier ON earlier.company_id = moved_month.company_id AND earlier.months_ago > moved_month.months_ago
    GROUP BY earlier.company_id, earlier.months_ago
),
compared AS (
    SELECT
        earlier.company_id,
        earlier.months_ago,
        100 * CAST(newest.headcount - earlier.headcount AS DOUBLE) / earlier.headcount AS change,
        100 * CAST(newest.headcount + COALESCE(moved.moved, 0) - earlier.headcount AS DOUBLE) / earlier.headcount AS unexplained,
        earlier.headcount < $small_persons OR earlier.months_ago > $window_months AS is_weak,
        earlier.months_ago > $window_months AS is_old,
        earlier.months_ago BETWEEN 11 AND 13 AS is_year
    FROM neighbours AS earlier
    JOIN newest ON newest.company_id = earlier.company_id
    LEFT JOIN moved ON moved.company_id = earlier.company_id AND moved.months_ago = earlier.months_ago
    WHERE earlier.headcount > 0
        AND (
            earlier.older IS NULL
            OR earlier.headcount < $spike_times * earlier.newer
            OR earlier.headcount < $spike_times * earlier.older
        )
        AND earlier.months_ago BETWEEN 1 AND $oldest_months
),
-- Of few companies every month that is old enough is older than the window.
late AS (
    SELECT company_id, MIN(months_ago) AS nearest
    FROM compared
    WHERE months_ago >= 11
    GROUP BY company_id
    HAVING MIN(months_ago) > $window_months
),
fallen AS (
    SELECT
        compared.company_id,
        compared.months_ago,
        compared.change,
        CASE
            WHEN NOT is_weak AND unexplained <= CASE WHEN is_year THEN $danger_change ELSE $danger_change_long END THEN 2
            WHEN change <= CASE WHEN is_year THEN $watch_change WHEN is_old THEN $danger_change_long ELSE $watch_change_long END THEN 1
            ELSE 0
        END AS apparent
    FROM compared
    LEFT JOIN late ON late.company_id = compared.company_id AND compared.months_ago <= late.nearest
    WHERE compared.months_ago <= $window_months OR late.nearest IS NOT NULL
),
-- Asked of those months only that look like a fall: few in a country.
seasons AS (
    SELECT
        fallen.company_id, fallen.months_ago, fallen.change,
        peak.headcount AS peak, peak.period_end AS peak_end, peak.row_id AS peak_row_id,
        peak_before.headcount AS peak_before, peak_before.period_end AS peak_before_end, peak_before.row_id AS peak_before_row_id,
        low_before.headcount AS low_before, low_before.period_end AS low_before_end, low_before.row_id AS low_before_row_id
    FROM fallen
    JOIN newest ON newest.company_id = fallen.company_id
    JOIN workplace_month AS low_before ON low_before.company_id = fallen.company_id AND low_before.months_ago = 12
    JOIN workplace_month AS peak ON peak.company_id = fallen.company_id AND peak.months_ago = fallen.months_ago % 12
    JOIN workplace_month AS peak_before ON peak_before.company_id = fallen.company_id AND peak_before.months_ago = fallen.months_ago % 12 + 12
    WHERE fallen.apparent > 0
        AND peak.headcount > newest.headcount
        AND low_before.headcount > 0
        AND peak_before.headcount - low_before.headcount >= $season_persons
        AND 100 * (peak_before.headcount - low_before.headcount) >= $season_share * peak_before.headcount
        AND 100 * peak.headcount >= $season_back * peak_before.headcount
        AND 2 * (peak.headcount - low_before.headcount) >= peak.headcount - newest.headcount
        AND 2 * (peak_before.headcount - low_before.headcount) * peak.headcount >= (peak.headcount - newest.headcount) * peak_before.headcount
),
judged AS (
    SELECT
        fallen.company_id, fallen.months_ago, fallen.change,
        CASE WHEN seasons.company_id IS NULL THEN fallen.apparent ELSE 0 END AS grade
    FROM fallen
    LEFT JOIN seasons ON seasons.company_id = fallen.company_id AND seasons.months_ago = fallen.months_ago
),
-- The gravest month; of those that are none, the one nearest to a year. The least of structs, field by field: to sort a country's
-- months for it costs twice as much.
least AS (
    SELECT
        company_id,
        MIN({
            'gravest': -grade,
            'is_young': CASE WHEN grade = 0 AND months_ago < 11 THEN 1 ELSE 0 END,
            'far': CASE WHEN grade = 0 THEN ABS(months_ago - 12) ELSE change END,
            'months_ago': months_ago,
            'change': change
        }) AS month
    FROM judged
    GROUP BY company_id
),
chosen AS (
    SELECT company_id, -month.gravest AS grade, month.months_ago AS months_ago, month.change AS change
    FROM least
),
-- Of a company's months that the season tells, the one with the deepest fall.
deepest AS (
    SELECT company_id, MIN({'change': change, 'months_ago': months_ago}) AS month
    FROM seasons
    GROUP BY company_id
),
figures AS (
    SELECT
        figure.company_id, 'headcount' AS concept, CAST(figure.headcount AS DOUBLE) AS value, CAST(NULL AS VARCHAR) AS text,
        figure.period_end, figure.row_id
    FROM chosen
    JOIN workplace_month AS figure ON figure.company_id = chosen.company_id
    WHERE figure.headcount IS NOT NULL
        AND figure.months_ago <= chosen.months_ago
        AND (figure.months_ago IN (0, 1, 3, 6, 12, 24, 36) OR figure.months_ago = chosen.months_ago)
    UNION ALL
    SELECT
        left_in.company_id, kinds.concept,
        CASE kinds.concept WHEN 'moved_joiners' THEN left_in.joiners WHEN 'moved_people' THEN left_in.moved END,
        CASE WHEN kinds.concept = 'moved_to' THEN left_in.other_workplace END,
        left_in.period_end, left_in.row_id
    FROM chosen
    JOIN moved_month AS left_in ON left_in.company_id = chosen.company_id AND left_in.months_ago < chosen.months_ago
    CROSS JOIN (SELECT 'moved_people' AS concept UNION ALL SELECT 'moved_to' UNION ALL SELECT 'moved_joiners') AS kinds
    WHERE chosen.grade > 0
    UNION ALL
    SELECT
        season.company_id, kinds.concept,
        CASE kinds.concept WHEN 'season_peak' THEN season.peak WHEN 'season_peak_before' THEN season.peak_before ELSE season.low_before END,
        NULL,
        CASE kinds.concept WHEN 'season_peak' THEN season.peak_end WHEN 'season_peak_before' THEN season.peak_before_end ELSE season.low_before_end END,
        CASE kinds.concept WHEN 'season_peak' THEN season.peak_row_id WHEN 'season_peak_before' THEN season.peak_before_row_id ELSE season.low_before_row_id END
    FROM chosen
    JOIN deepest ON deepest.company_id = chosen.company_id
    JOIN seasons AS season ON season.company_id = chosen.company_id AND season.months_ago = deepest.month.months_ago
    CROSS JOIN (SELECT 'season_peak' AS concept UNION ALL SELECT 'season_peak_before' UNION ALL SELECT 'season_low_before') AS kinds
    WHERE chosen.grade = 0
)
SELECT
    chosen.company_id,
    CASE chosen.grade WHEN 2 THEN 'danger' WHEN 1 THEN 'watch' ELSE 'good' END AS level,
    chosen.change AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    figures.concept,
    figures.value,
    figures.text,
    CASE WHEN figures.text IS NULL THEN 'persons' END AS unit,
    figures.period_end,
    figures.row_id
FROM chosen
JOIN figures ON figures.company_id = chosen.company_id
