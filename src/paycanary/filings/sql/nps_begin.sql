-- Macros for one row; empty tables that gather, over all files of a refresh, what is staged once at the end; the provinces by their code.

-- '5', '1,211,920', '5.0' -> whole number; NULL when it is none. R and spreadsheets add '.0'.
CREATE OR REPLACE TEMP MACRO nps_number(text) AS
    CASE WHEN text = CAST(try_cast(text AS UBIGINT) AS VARCHAR) THEN CAST(try_cast(text AS UBIGINT) AS DOUBLE)
         WHEN regexp_full_match(trim(text), '[0-9][0-9,]*(\.0+)?') THEN try_cast(replace(trim(text), ',', '') AS DOUBLE) END;

-- '202204', '2022-04', '2022.04' -> its first day. The pension insurance began in 1988.
CREATE OR REPLACE TEMP MACRO nps_month(text) AS
    CASE WHEN text = left(CAST(try_cast(text || '-01' AS DATE) AS VARCHAR), 7) AND text >= '1980' AND text < '2100' THEN try_cast(text || '-01' AS DATE)
         WHEN regexp_full_match(trim(text), '(19[89][0-9]|20[0-9]{2})[-./]?(0[1-9]|1[0-2])')
         THEN make_date(CAST(left(trim(text), 4) AS INTEGER), CAST(right(trim(text), 2) AS INTEGER), 1) END;

-- Whether a day is one of the scheme, which began in 1988, or one of the two ways to write "never": else something else was meant.
CREATE OR REPLACE TEMP MACRO nps_is_no_day(day) AS
    CASE WHEN year(day) BETWEEN 1988 AND 2100 THEN false ELSE coalesce(day NOT IN (DATE '0001-01-01', DATE '9999-12-31'), false) END;

-- What may be kept of a rejected field: letters may be somebody's name.
CREATE OR REPLACE TEMP MACRO nps_harmless(text) AS
    CASE WHEN regexp_full_match(text, '[0-9 ,.*/:+-]*') THEN text WHEN text IS NOT NULL THEN '(text)' END;

-- Who speaks for each company in each month, and names under which companies are met.
CREATE OR REPLACE TEMP TABLE nps_companies (company_id VARCHAR, month_start DATE, published_on DATE,
    is_staff BOOLEAN, headcount DOUBLE, workplace VARCHAR, name VARCHAR, prefix VARCHAR, industry VARCHAR, region VARCHAR);
CREATE OR REPLACE TEMP TABLE nps_workplaces (company_id VARCHAR, name VARCHAR, month_start DATE, published_on DATE);

-- What the lake says of companies, and the names by which it finds them: none, unless who keeps whole months puts its own in their place.
CREATE OR REPLACE TEMP VIEW nps_known_companies AS
SELECT '' AS company_id, '' AS name, '' AS business_number, '' AS industry, '' AS region LIMIT 0;
CREATE OR REPLACE TEMP VIEW nps_known_labels AS SELECT '' AS company_id, '' AS name LIMIT 0;

-- 63 bits of the MD5 of a name as published. Lower half less a bit: md5_number_lower says the same and costs four times as much.
CREATE OR REPLACE TEMP MACRO nps_hash(name) AS CAST(md5_number(name) >> 65 AS BIGINT);

-- How names were read: those of earlier refreshes come from the lake, this one's have is_new.
CREATE OR REPLACE TEMP TABLE nps_names (name_hash BIGINT, name VARCHAR, workplace VARCHAR, is_site BOOLEAN, key VARCHAR, is_new BOOLEAN);

-- The months of each file; those that were read as a whole file.
CREATE OR REPLACE TEMP TABLE nps_months (month_start DATE);
CREATE OR REPLACE TEMP TABLE nps_whole_months (month_start DATE);

-- First two digits of a legal-district code. Gangwon and Jeonbuk changed codes when they became special provinces: one name each.
CREATE OR REPLACE TEMP TABLE nps_provinces AS
SELECT * FROM (VALUES ('11', '서울특별시'), ('26', '부산광역시'), ('27', '대구광역시'), ('28', '인천광역시'), ('29', '광주광역시'),
    ('30', '대전광역시'), ('31', '울산광역시'), ('36', '세종특별자치시'), ('41', '경기도'), ('42', '강원특별자치도'), ('43', '충청북도'),
    ('44', '충청남도'), ('45', '전북특별자치도'), ('46', '전라남도'), ('47', '경상북도'), ('48', '경상남도'), ('50', '제주특별자치도'),
    ('51', '강원특별자치도'), ('52', '전북특별자치도')) AS provinces(code, region);
