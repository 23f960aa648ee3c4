-- Question: were the annual reports filed in time?
-- Rule: criteria/audit.yaml, late_filing. The law gives $legal_days days after the fiscal year's end; a deadline on a holiday moves to
-- the next working day, for which $grace_days days are allowed. Watch where one of the newest $window_years annual reports was first
-- filed later than that, or where the company gave notice of a late report or audit report in as many years; else good.
-- Unknown: no row where no annual report's first filing is known: the receipt numbers of other answers may be corrections'.
-- too_old instead of good where the report on the next fiscal year should be there by now: the list of filings may not have been
-- read since, so neither its absence nor good order is certain.
-- Measure: days from the year's end to the latest of those reports; none where only a notice speaks.
-- Figures: the days of every report looked at, and the newest notice.
WITH looked AS (
    SELECT
        f.company_id, f.form, f.period_end, f.published_on, f.days_after, f.row_id,
        CASE WHEN f.form = 'annual_first' AND f.days_after > $legal_days + $grace_days THEN 1 ELSE 0 END AS is_late,
        CASE WHEN f.form <> 'annual_first' THEN 1 ELSE 0 END AS is_notice,
        CASE
            WHEN f.form = 'annual_first' AND f.rank = 0
                AND DATE_DIFF('day', LAST_DAY(f.period_end + INTERVAL 12 MONTH), s.as_of) > $legal_days + $grace_days THEN 1
            ELSE 0
        END AS is_next_missing,
        ROW_NUMBER() OVER (
            PARTITION BY f.company_id, CASE WHEN f.form = 'annual_first' THEN 1 ELSE 0 END ORDER BY f.published_on DESC, f.row_id
        ) AS place
    FROM filing f JOIN scope s ON s.company_id = f.company_id
    WHERE (f.form = 'annual_first' AND f.rank < $window_years) OR (f.form <> 'annual_first' AND f.months_ago < 12 * $window_years)
),
judged AS (
    SELECT
        company_id, form, period_end, published_on, days_after, row_id, is_notice, place,
        MAX(is_late) OVER (PARTITION BY company_id) AS late,
        MAX(is_notice) OVER (PARTITION BY company_id) AS notified,
        MAX(is_next_missing) OVER (PARTITION BY company_id) AS next_missing,
        MAX(CASE WHEN is_notice = 0 THEN days_after END) OVER (PARTITION BY company_id) AS longest
    FROM looked
)
SELECT
    company_id,
    CASE WHEN late = 1 OR notified = 1 THEN 'watch' WHEN next_missing = 1 THEN 'unknown' ELSE 'good' END AS level,
    CAST(CASE WHEN late = 1 OR (notified = 0 AND next_missing = 0) THEN longest END AS DOUBLE) AS measure,
    CASE WHEN late = 0 AND notified = 0 AND next_missing = 1 THEN 'too_old' END AS reason,
    CASE WHEN is_notice = 1 THEN 'late_notice' ELSE 'annual_report_filed' END AS concept,
    CAST(CASE WHEN is_notice = 0 THEN days_after END AS DOUBLE) AS value,
    CASE WHEN is_notice = 1 THEN form END AS text,
    CASE WHEN is_notice = 0 THEN 'days' END AS unit,
    CASE WHEN is_notice = 1 THEN published_on ELSE period_end END AS period_end,
    row_id
FROM judged
WHERE is_notice = 0 OR place = 1
