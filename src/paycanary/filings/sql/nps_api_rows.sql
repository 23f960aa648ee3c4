-- lines_nps_month (a row a workplace and month, as answered), lines_nps_flows -> raw_nps, as the monthly file gives it.
-- A month that the same refresh holds as a whole file is left to that: its workplaces would count twice.
CREATE OR REPLACE TEMP TABLE raw_nps AS
WITH newest AS (
    SELECT request_wkplNm AS name, request_bzowrRgstNo AS number, max_by(is_constant, fetched_at) AS is_constant
    FROM lines_nps_flows GROUP BY ALL
)
SELECT lines.file, lines.row_number, 'monthly' AS layout, dataCrtYm AS month, wkplNm AS name, bzowrRgstNo AS business_number,
    wkplJnngStcd AS status, wkplStylDvcd AS form, CAST(NULL AS VARCHAR) AS address, ldongAddrMgplDgCd AS province_code,
    CAST(NULL AS VARCHAR) AS province, wkplIntpCd AS industry_code, vldtVlKrnNm AS industry, adptDt AS enrolled_on, scsnDt AS withdrawn_on,
    jnngpCnt AS headcount, crrmmNtcAmt AS billed,
    -- Unknown unless the months were seen to differ.
    if(newest.is_constant = 'N', nwAcqzrCnt, NULL) AS joiners,
    if(newest.is_constant = 'N', lssJnngpCnt, NULL) AS leavers, lines.fetched_on
FROM lines_nps_month AS lines
LEFT JOIN newest ON newest.name = wkplNm AND newest.number = bzowrRgstNo
WHERE NOT is_empty AND coalesce(nps_month(dataCrtYm) NOT IN (SELECT month_start FROM nps_whole_months), true);

CREATE OR REPLACE TEMP TABLE raw_nps_broken AS
SELECT '' AS file, CAST(0 AS BIGINT) AS row_number, '' AS line LIMIT 0;

DROP TABLE lines_nps_month;
DROP TABLE lines_nps_flows;
