-- Empty tables that gather, over all files of a refresh, what is staged once at the end; and the provinces by their code.

CREATE OR REPLACE TEMP TABLE nps_companies (company_id VARCHAR, month_start DATE, published_on DATE,
    largest STRUCT(is_staff BOOLEAN, headcount DOUBLE, workplace VARCHAR, name VARCHAR, prefix VARCHAR, industry VARCHAR, region VARCHAR));
CREATE OR REPLACE TEMP TABLE nps_workplaces (company_id VARCHAR, name VARCHAR, month_start DATE, published_on DATE);

-- First two digits of a legal-district code. Gangwon and Jeonbuk changed codes when they became special provinces: one name each.
CREATE OR REPLACE TEMP TABLE nps_provinces AS
SELECT * FROM (VALUES ('11', '서울특별시'), ('26', '부산광역시'), ('27', '대구광역시'), ('28', '인천광역시'), ('29', '광주광역시'),
    ('30', '대전광역시'), ('31', '울산광역시'), ('36', '세종특별자치시'), ('41', '경기도'), ('42', '강원특별자치도'), ('43', '충청북도'),
    ('44', '충청남도'), ('45', '전북특별자치도'), ('46', '전라남도'), ('47', '경상북도'), ('48', '경상남도'), ('50', '제주특별자치도'),
    ('51', '강원특별자치도'), ('52', '전북특별자치도')) AS provinces(code, region);
