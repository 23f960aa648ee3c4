-- Entries of one file of readings (whole lists, or searches) -> stage_*. The columns of entries are those of every list.
-- An amount counts only where the page says in which unit it is written.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT *, name IS NOT NULL AND left_out IS NULL AS is_kept,
    source || ':' || left(md5(name || '|' || coalesce(region, '')), 16) AS company_id,
    amount(amount) * CASE unit WHEN '원' THEN 1 WHEN '천원' THEN 1000 WHEN '만원' THEN 10000 WHEN '백만원' THEN 1000000 WHEN '억원' THEN 100000000 END AS won,
    CASE WHEN is_empty OR left_out IS NOT NULL THEN NULL WHEN name IS NULL THEN 'no_company' WHEN is_bad(amount) THEN 'bad_number' END AS reason,
    json_object('name', name, 'region', region, 'amount', amount, 'detail', detail) AS raw
FROM entries;

INSERT INTO stage_notices BY NAME
SELECT DISTINCT company_id, kind, event_on, CAST(expires_on AS DATE) AS expires_on,
    CASE WHEN won IS NULL AND amount IS NOT NULL THEN concat_ws(', ', detail, amount || ' (단위 미표시)') ELSE detail END AS detail,
    won AS amount, source, snapshot AS filing_id, fetched_on AS published_on
FROM judged WHERE reason IS NULL AND is_kept;

-- Who is named. There is no row in stage_names: an entry of a list is no registered company that a search could mean.
INSERT INTO stage_companies BY NAME
SELECT DISTINCT company_id, name, industry, region, source, snapshot AS filing_id, fetched_on AS published_on
FROM judged WHERE reason IS NULL AND is_kept;

-- The readings themselves: of the whole list, or of what was found for one name.
INSERT INTO stage_filings BY NAME
SELECT DISTINCT 'list:' || source AS company_id, 'list' AS form, fetched_on AS period_end, url, source, snapshot AS filing_id, fetched_on AS published_on
FROM judged WHERE is_whole;

INSERT INTO stage_filings BY NAME
SELECT DISTINCT source || ':' || left(md5(request_name || '|'), 16) AS company_id, 'search' AS form, fetched_on AS period_end, url,
    source, snapshot AS filing_id, fetched_on AS published_on
FROM judged WHERE NOT is_whole;

INSERT INTO stage_companies BY NAME
SELECT DISTINCT source || ':' || left(md5(request_name || '|'), 16) AS company_id, request_name AS name, source, snapshot AS filing_id, fetched_on AS published_on
FROM judged WHERE NOT is_whole;
