-- Work24's answers by business number: raw_work24 -> a dated yes or no about the company that bears the number.
-- An answer tells no end of publication, and an entry may end any day (its three years are over, the wages are paid). So it counts
-- for three months, and no answer, yes or no, outlives a newer one.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT *, 'work24' AS source, judgReltYn IN ('Y', 'N') AS is_kept, 'nts:' || request_brno AS company_id,
    'work24:' || strftime(fetched_at AT TIME ZONE 'UTC', '%Y%m%dT%H%M%SZ') || ':' || request_brno AS snapshot,
    CASE WHEN NOT coalesce(regexp_full_match(request_brno, '[0-9]{10}'), false) THEN 'no_company' END AS reason,
    json_object('brno', request_brno, 'judgReltYn', judgReltYn) AS raw
FROM raw_work24;

INSERT INTO stage_notices BY NAME
SELECT company_id, 'wage_arrears' AS kind, fetched_on AS event_on, if(judgReltYn = 'Y', 'listed', 'not_listed') AS category,
    CAST(fetched_on + INTERVAL 3 MONTH AS DATE) AS expires_on, source, snapshot AS filing_id, fetched_on AS published_on
FROM judged WHERE reason IS NULL AND is_kept;

INSERT INTO stage_companies BY NAME
SELECT company_id, request_name AS name, request_brno AS business_number, source, snapshot AS filing_id, fetched_on AS published_on
FROM judged WHERE reason IS NULL AND is_kept;

INSERT INTO stage_filings BY NAME
SELECT company_id, 'search' AS form, fetched_on AS period_end, 'https://www.work24.go.kr' AS url, source, snapshot AS filing_id, fetched_on AS published_on
FROM judged WHERE reason IS NULL AND is_kept;
