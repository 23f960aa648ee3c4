-- One row a corporation of this load, dated by its newest filing in it, and its name to find it by. Fetched statements name nobody.
INSERT INTO stage_companies BY NAME
SELECT 'dart:' || corp_code AS company_id, max_by(name, receipt) AS name, corp_code, max_by(stock_code, receipt) AS stock_code,
    max_by(fiscal_month, receipt) FILTER (fiscal_month IS NOT NULL) AS fiscal_month,
    'opendart' AS source, max(receipt) AS filing_id, received_on(max(receipt)) AS published_on
FROM seen_companies GROUP BY corp_code HAVING max(name) IS NOT NULL;

INSERT INTO stage_names BY NAME
SELECT company_id, name, 'official' AS kind, source, filing_id, published_on FROM stage_companies WHERE source = 'opendart' AND filing_id NOT LIKE 'corpCode%' AND filing_id NOT LIKE 'company:%';
