-- The basis by code or name: 110 and 120 in summaries, XBRL members in statements. Anything else says nothing about it.
CREATE OR REPLACE TEMP MACRO fsc_basis(code, name) AS
    CASE WHEN code = '110' OR code LIKE '%ConsolidatedMember' OR name LIKE '연결%' THEN 'CFS'
         WHEN code = '120' OR code LIKE '%SeparateMember' OR name LIKE '별도%' OR name LIKE '개별%' THEN 'OFS' END;

-- The last day of a fiscal year; no other day ends one.
CREATE OR REPLACE TEMP MACRO fsc_year_end(text) AS CASE WHEN day(text) = last_day(day(text)) THEN day(text) END;

-- A figure; 0 is written for what is not stated.
CREATE OR REPLACE TEMP MACRO fsc_figure(text) AS nullif(amount(text), 0);

CREATE OR REPLACE TEMP TABLE fsc_concepts (concept VARCHAR, statement VARCHAR, id VARCHAR, name VARCHAR, preference INTEGER);
-- Companies met in statements: their number stands there even where no outline was answered.
CREATE OR REPLACE TEMP TABLE fsc_met (crno VARCHAR, published_on DATE);
