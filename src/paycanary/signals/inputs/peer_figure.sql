-- What peer_standing tells of a window, a row a figure, as the signals show it. Of the window that is judged (is_judged) more is shown
-- than of the others.
SELECT company_id, metric, months, companies, FALSE AS is_judged, CONCAT(metric, '_', CAST(months AS VARCHAR), 'm') AS concept,
    value, CAST(NULL AS VARCHAR) AS text, 'percent' AS unit
FROM peer_standing
UNION ALL
SELECT company_id, metric, months, companies, FALSE, CONCAT(metric, '_rank_', CAST(months AS VARCHAR), 'm'), percentile, CAST(NULL AS VARCHAR), 'none'
FROM peer_standing
UNION ALL
SELECT company_id, metric, months, companies, TRUE, 'peer_rank', percentile, CAST(NULL AS VARCHAR), 'none' FROM peer_standing
UNION ALL
SELECT company_id, metric, months, companies, TRUE, 'peer_companies', CAST(companies AS DOUBLE), CAST(NULL AS VARCHAR), 'firms' FROM peer_standing
UNION ALL
SELECT company_id, metric, months, companies, TRUE, 'peer_likeness', CAST(NULL AS DOUBLE), likeness, CAST(NULL AS VARCHAR) FROM peer_standing
UNION ALL
SELECT company_id, metric, months, companies, TRUE, 'moved_people', CAST(moved AS DOUBLE), CAST(NULL AS VARCHAR), 'persons'
FROM peer_standing WHERE moved > 0
UNION ALL
SELECT company_id, metric, months, companies, TRUE, CASE metric WHEN 'change' THEN 'headcount' ELSE 'window_joiners' END,
    CAST(CASE metric WHEN 'change' THEN newest ELSE joiners END AS DOUBLE), CAST(NULL AS VARCHAR), 'persons'
FROM peer_standing
UNION ALL
SELECT company_id, metric, months, companies, TRUE, CASE metric WHEN 'change' THEN 'headcount_before' ELSE 'window_leavers' END,
    CAST(CASE metric WHEN 'change' THEN before ELSE leavers END AS DOUBLE), CAST(NULL AS VARCHAR), 'persons'
FROM peer_standing
