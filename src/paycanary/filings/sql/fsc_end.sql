-- Companies of whom only statements were answered: their number, by which others may be found to be the same.
INSERT INTO stage_companies BY NAME
SELECT 'fsc:' || crno AS company_id, crno AS corporation_number, 'fsc' AS source, 'fsc:' || crno AS filing_id, min(published_on) AS published_on
FROM fsc_met GROUP BY crno HAVING count(*) = count(published_on);

DROP TABLE fsc_met;
DROP TABLE fsc_concepts;
