-- Question: were the annual reports filed in time?
-- Rule: criteria/audit.yaml, late_filing. The law gives $legal_days days after the fiscal year's end; a deadline on a holiday moves to
-- the next working day, for which $grace_days days are allowed. Watch where one of the newest $window_years annual reports was first
-- filed later than that, or where the company gave notice of a late report or audit report in as many years; else good.
-- Unknown: no row where no annual report's first filing is known: the receipt numbers of other answers may be corrections'.
-- Measure: days from the year's end to the latest of those reports; none where only a notice speaks.
-- Figures: the days of every report looked at, and the newest notice.
WITH looked AS (
    SELECT
        company_id, form, period_end, published_on, days_after, row_id,
        CASE WHEN form = 'annual_first' AND days_after > $legal_days + $grace_days THEN 1 ELSE 0 END AS is_late,
        CASE WHEN form <> 'annual_first' THEN 1 ELSE 0 END AS is_notice,
        ROW_NUMBER() OVER (
            PARTITION BY company_id, CASE WHEN form = 'annual_first' THEN 1 ELSE 0 END ORDER BY published_on DESC, row_id
        ) AS place
    FROM filing
    WHERE (form = 'annual_first' AND rank < $window_years) OR (form <> 'annual_first' AND months_ago < 12 * $window_years)
),
judged AS (
    SELECT
        company_id, form, period_end, published_on, days_after, row_id, is_notice, place,
        MAX(is_late) OVER (PARTITION BY company_id) AS late,
        MAX(is_notice) OVER (PARTITION BY company_id) AS notified,
        MAX(CASE WHEN is_notice = 0 THEN days_after END) OVER (PARTITION BY company_id) AS longest
    FROM looked
)
SELECT
    company_id,
    CASE WHEN late = 1 OR notified = 1 THEN 'watch' ELSE 'good' END AS level,
    CAST(CASE WHEN late = 1 OR notified = 0 THEN longest END AS DOUBLE) AS measure,
    CAST(NULL AS VARCHAR) AS reason,
    CASE WHEN is_notice = 1 THEN 'late_notice' ELSE 'annual_report_filed' END AS concept,
    CAST(CASE WHEN is_notice = 0 THEN days_after END AS DOUBLE) AS value,
    CASE WHEN is_notice = 1 THEN form END AS text,
    CASE WHEN is_notice = 0 THEN 'days' END AS unit,
    CASE WHEN is_notice = 1 THEN published_on ELSE period_end END AS period_end,
    row_id
FROM judged
WHERE is_notice = 0 OR place = 1
