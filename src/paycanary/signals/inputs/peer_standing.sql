-- How a company's people fared over 1, 3, 6 and 12 months beside companies of its kind: lake/sql/peers.sql. The window ends in the
-- newest month of the register, and every month of it must be there. A group of its trade, province and size speaks where there
-- is one, else one of its trade and size, else one of its size. The percentile is how many of 100 such companies lie below, those
-- equal counted half, as far as the stored percentiles tell. moved: people who within the window perhaps moved to other companies.
WITH base AS (
    SELECT DISTINCT period_end FROM known_peers
),
anchor AS (
    SELECT w.company_id, w.months_ago, w.period_end, w.row_id
    FROM workplace_month w
    JOIN base b ON b.period_end = w.period_end
),
large AS (
    SELECT DISTINCT w.company_id
    FROM workplace_month w
    JOIN anchor a ON a.company_id = w.company_id
    WHERE w.headcount >= 10 AND w.months_ago BETWEEN a.months_ago + 1 AND a.months_ago + 12
),
own AS (
    SELECT w.company_id, w.months_ago - a.months_ago AS ago, w.headcount, w.joiners, w.leavers
    FROM workplace_month w
    JOIN anchor a ON a.company_id = w.company_id
    JOIN large l ON l.company_id = w.company_id
    WHERE w.months_ago BETWEEN a.months_ago AND a.months_ago + 12 AND w.headcount IS NOT NULL AND w.leavers IS NOT NULL AND w.joiners IS NOT NULL
),
wide AS (
    SELECT company_id,
        SUM(CASE WHEN ago <= 1 THEN 1 ELSE 0 END) AS seen_1, SUM(CASE WHEN ago <= 3 THEN 1 ELSE 0 END) AS seen_3,
        SUM(CASE WHEN ago <= 6 THEN 1 ELSE 0 END) AS seen_6, SUM(CASE WHEN ago <= 12 THEN 1 ELSE 0 END) AS seen_12,
        MAX(CASE WHEN ago = 0 THEN headcount END) AS newest,
        MAX(CASE WHEN ago = 1 THEN headcount END) AS before_1, MAX(CASE WHEN ago = 3 THEN headcount END) AS before_3,
        MAX(CASE WHEN ago = 6 THEN headcount END) AS before_6, MAX(CASE WHEN ago = 12 THEN headcount END) AS before_12,
        SUM(CASE WHEN ago BETWEEN 1 AND 1 THEN headcount ELSE 0 END) AS persons_1, SUM(CASE WHEN ago BETWEEN 1 AND 3 THEN headcount ELSE 0 END) AS persons_3,
        SUM(CASE WHEN ago BETWEEN 1 AND 6 THEN headcount ELSE 0 END) AS persons_6, SUM(CASE WHEN ago BETWEEN 1 AND 12 THEN headcount ELSE 0 END) AS persons_12,
        SUM(CASE WHEN ago < 1 THEN joiners ELSE 0 END) AS joiners_1, SUM(CASE WHEN ago < 3 THEN joiners ELSE 0 END) AS joiners_3,
        SUM(CASE WHEN ago < 6 THEN joiners ELSE 0 END) AS joiners_6, SUM(CASE WHEN ago < 12 THEN joiners ELSE 0 END) AS joiners_12,
        SUM(CASE WHEN ago < 1 THEN leavers ELSE 0 END) AS leavers_1, SUM(CASE WHEN ago < 3 THEN leavers ELSE 0 END) AS leavers_3,
        SUM(CASE WHEN ago < 6 THEN leavers ELSE 0 END) AS leavers_6, SUM(CASE WHEN ago < 12 THEN leavers ELSE 0 END) AS leavers_12
    FROM own
    GROUP BY company_id
),
spans AS (
    SELECT company_id, 1 AS months, seen_1 AS seen, newest, before_1 AS before, persons_1 AS persons, joiners_1 AS joiners, leavers_1 AS leavers FROM wide
    UNION ALL SELECT company_id, 3, seen_3, newest, before_3, persons_3, joiners_3, leavers_3 FROM wide
    UNION ALL SELECT company_id, 6, seen_6, newest, before_6, persons_6, joiners_6, leavers_6 FROM wide
    UNION ALL SELECT company_id, 12, seen_12, newest, before_12, persons_12, joiners_12, leavers_12 FROM wide
),
kinds AS (
    SELECT company_id, industry, region
    FROM (
        SELECT m.company_id, SUBSTRING(m.industry_code, 1, 2) AS industry, m.region,
            ROW_NUMBER() OVER (PARTITION BY m.company_id ORDER BY m.largest DESC, m.industry_code, m.region) AS place
        FROM known_months m
        JOIN base b ON b.period_end = m.period_end
        WHERE m.workplaces > 0
    ) AS workplaces
    WHERE place = 1
),
sized AS (
    SELECT s.company_id, s.months, s.newest, s.before, s.joiners, s.leavers, s.persons,
        COALESCE(k.industry, '') AS industry, COALESCE(k.region, '') AS region,
        CASE WHEN s.before < 30 THEN '10' WHEN s.before < 100 THEN '30' WHEN s.before < 300 THEN '100' ELSE '300' END AS size
    FROM spans s
    LEFT JOIN kinds k ON k.company_id = s.company_id
    WHERE s.seen = s.months + 1 AND s.before >= 10
),
peer_keys AS (
    SELECT DISTINCT months, peers FROM known_peers
),
grouped AS (
    SELECT s.company_id, s.months, s.newest, s.before, s.joiners, s.leavers, s.persons, COALESCE(near.peers, trade.peers, large.peers) AS peers
    FROM sized s
    LEFT JOIN peer_keys near ON near.months = s.months AND near.peers = CONCAT(s.industry, '|', s.region, '|', s.size) AND s.region <> ''
    LEFT JOIN peer_keys trade ON trade.months = s.months AND trade.peers = CONCAT(s.industry, '||', s.size)
    LEFT JOIN peer_keys large ON large.months = s.months AND large.peers = CONCAT('||', s.size)
),
measured AS (
    SELECT company_id, months, newest, before, joiners, leavers, peers, 'change' AS metric,
        100 * CAST(newest - before AS DOUBLE) / before AS value
    FROM grouped
    UNION ALL
    SELECT company_id, months, newest, before, joiners, leavers, peers, 'exit_rate', 100 * CAST(leavers AS DOUBLE) / persons
    FROM grouped
),
moved AS (
    SELECT a.company_id, k.months, SUM(m.moved) AS moved
    FROM anchor a
    JOIN moved_month m ON m.company_id = a.company_id
    JOIN (SELECT DISTINCT months FROM peer_keys) AS k ON m.months_ago BETWEEN a.months_ago AND a.months_ago + k.months - 1
    GROUP BY a.company_id, k.months
),
-- A row a group and not one a percentile: fifteen times fewer rows to compare with.
points AS (
    SELECT months, peers, metric, MAX(likeness) AS likeness, MAX(companies) AS companies,
        MAX(CASE WHEN percentile = 1 THEN value END) AS p1, MAX(CASE WHEN percentile = 2 THEN value END) AS p2, MAX(CASE WHEN percentile = 5 THEN value END) AS p5,
        MAX(CASE WHEN percentile = 10 THEN value END) AS p10, MAX(CASE WHEN percentile = 20 THEN value END) AS p20, MAX(CASE WHEN percentile = 30 THEN value END) AS p30,
        MAX(CASE WHEN percentile = 40 THEN value END) AS p40, MAX(CASE WHEN percentile = 50 THEN value END) AS p50, MAX(CASE WHEN percentile = 60 THEN value END) AS p60,
        MAX(CASE WHEN percentile = 70 THEN value END) AS p70, MAX(CASE WHEN percentile = 80 THEN value END) AS p80, MAX(CASE WHEN percentile = 90 THEN value END) AS p90,
        MAX(CASE WHEN percentile = 95 THEN value END) AS p95, MAX(CASE WHEN percentile = 98 THEN value END) AS p98, MAX(CASE WHEN percentile = 99 THEN value END) AS p99
    FROM known_peers
    GROUP BY months, peers, metric
),
ranked AS (
    SELECT m.company_id, m.months, m.metric, m.value, m.newest, m.before, m.joiners, m.leavers, p.likeness, p.companies,
        CASE
            WHEN p.p99 < m.value THEN 99 WHEN p.p98 < m.value THEN 98 WHEN p.p95 < m.value THEN 95 WHEN p.p90 < m.value THEN 90 WHEN p.p80 < m.value THEN 80
            WHEN p.p70 < m.value THEN 70 WHEN p.p60 < m.value THEN 60 WHEN p.p50 < m.value THEN 50 WHEN p.p40 < m.value THEN 40 WHEN p.p30 < m.value THEN 30
            WHEN p.p20 < m.value THEN 20 WHEN p.p10 < m.value THEN 10 WHEN p.p5 < m.value THEN 5 WHEN p.p2 < m.value THEN 2 WHEN p.p1 < m.value THEN 1
            ELSE 0 END AS below,
        CASE
            WHEN p.p1 > m.value THEN 1 WHEN p.p2 > m.value THEN 2 WHEN p.p5 > m.value THEN 5 WHEN p.p10 > m.value THEN 10 WHEN p.p20 > m.value THEN 20
            WHEN p.p30 > m.value THEN 30 WHEN p.p40 > m.value THEN 40 WHEN p.p50 > m.value THEN 50 WHEN p.p60 > m.value THEN 60 WHEN p.p70 > m.value THEN 70
            WHEN p.p80 > m.value THEN 80 WHEN p.p90 > m.value THEN 90 WHEN p.p95 > m.value THEN 95 WHEN p.p98 > m.value THEN 98 WHEN p.p99 > m.value THEN 99
            ELSE 100 END AS above
    FROM measured m
    JOIN points p ON p.months = m.months AND p.peers = m.peers AND p.metric = m.metric
)
SELECT r.company_id, a.period_end, CAST(r.months AS INTEGER) AS months, r.metric, r.value,
    CAST(r.below + r.above AS DOUBLE) / 2 AS percentile, r.likeness, CAST(r.companies AS INTEGER) AS companies,
    CAST(r.newest AS INTEGER) AS newest, CAST(r.before AS INTEGER) AS before, CAST(r.joiners AS INTEGER) AS joiners,
    CAST(r.leavers AS INTEGER) AS leavers, CAST(moved.moved AS INTEGER) AS moved, a.row_id
FROM ranked r
JOIN anchor a ON a.company_id = r.company_id
LEFT JOIN moved ON moved.company_id = r.company_id AND moved.months = r.months
