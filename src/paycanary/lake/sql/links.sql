-- Which register ids are one company. Reads companies, names, all_headcounts, pension_renames, and the links that were stored before;
-- leaves new_links and link_kept, which together are all. Confidences and their reasons: identity.py.

-- What is known of every id. Registers fill different columns at different times: the newest value of each stands.
CREATE OR REPLACE TEMP TABLE link_entries AS
SELECT company_id, max_by(stock_code, published_on) AS stock_code, max_by(business_number, published_on) AS business_number,
    max_by(corporation_number, published_on) AS corporation_number, max_by(corp_code, published_on) AS corp_code,
    max(listed_on) AS listed_on, max(published_on) FILTER (starts_with(filing_id, 'delisting:')) AS delisted_on,
    coalesce(max_by(source, published_on), any_value(source)) AS source,
    coalesce(max_by(filing_id, {'on': published_on, 'id': filing_id}), any_value(filing_id)) AS filing_id, min(published_on) AS known_on
FROM (SELECT company_id, stock_code, business_number, corporation_number, corp_code, listed_on, source, filing_id, published_on FROM companies
      UNION ALL BY NAME SELECT company_id, source, filing_id, published_on FROM names)
WHERE NOT starts_with(company_id, 'nps:')
GROUP BY company_id;

-- Entries with the same official number are one company: DART's where it has one, else the register's that comes first.
-- A number held twice within one register links nobody.
CREATE OR REPLACE TEMP TABLE link_numbers AS
WITH numbers AS (
    SELECT company_id, split_part(company_id, ':', 1) AS register, unnest([
        {'rule': 'stock_code', 'number': if(split_part(company_id, ':', 1) IN ('dart', 'krx'), stock_code, NULL)},
        {'rule': 'corp_code', 'number': if(split_part(company_id, ':', 1) IN ('dart', 'fsc'), corp_code, NULL)},
        {'rule': 'corporation_number', 'number': corporation_number},
        {'rule': 'business_number', 'number': if(length(business_number) = 10, business_number, NULL)}], recursive := true)
    FROM link_entries WHERE split_part(company_id, ':', 1) IN ('dart', 'krx', 'fsc', 'comwel', 'nts')
), alone AS (
    SELECT rule, number, register, min(company_id) AS company_id FROM numbers WHERE number IS NOT NULL
    GROUP BY ALL HAVING count(DISTINCT company_id) = 1
), ordered AS (
    SELECT *, list_position(['dart', 'krx', 'fsc', 'comwel', 'nts'], register) AS place,
        list_position(['stock_code', 'corp_code', 'corporation_number', 'business_number'], rule) AS strength FROM alone
)
SELECT entry.company_id, arg_min(other.company_id, (other.place, other.strength)) AS canonical_id,
    arg_min(other.rule, (other.place, other.strength)) AS rule
FROM ordered AS entry JOIN ordered AS other ON other.rule = entry.rule AND other.number = entry.number AND other.place < entry.place
GROUP BY entry.company_id;

-- One step further: a business number may lead to an entry that a corporation number leads to DART.
CREATE OR REPLACE TEMP TABLE link_registered AS
SELECT entry.company_id, coalesce(second.canonical_id, first.canonical_id, entry.company_id) AS canonical_id, coalesce(first.rule, 'self') AS rule
FROM link_entries AS entry
LEFT JOIN link_numbers AS first ON first.company_id = entry.company_id
LEFT JOIN link_numbers AS second ON second.company_id = first.canonical_id;

-- Names by which a registered company may be meant: present ones only. English and former names belong to too many.
CREATE OR REPLACE TEMP TABLE link_names AS
SELECT DISTINCT canonical_id AS company_id, false AS is_workplace, key, name_latin(key) AS sound
FROM names JOIN link_registered USING (company_id)
WHERE key <> '' AND kind IN ('official', 'stock');

-- Of the workplaces only those that sound like one of them.
INSERT INTO link_names
SELECT DISTINCT company_id, true, key, sound
FROM (SELECT company_id, key, name_latin(key) AS sound FROM names WHERE key <> '' AND starts_with(company_id, 'nps:'))
WHERE sound IN (SELECT sound FROM link_names);

-- Workplaces are half a million, and nothing is known of them but when they were. Most stand alone, month after month: a stored link
-- that says so is made anew only where something new is stored of it, a registered company sounds like it, or it took another name.
CREATE OR REPLACE TEMP VIEW link_before AS {before};

CREATE OR REPLACE TEMP TABLE link_changed AS
SELECT company_id FROM ({changed}) WHERE starts_with(company_id, 'nps:')
UNION SELECT company_id FROM link_names WHERE is_workplace
UNION SELECT company_id FROM link_before WHERE rule <> 'self' AND starts_with(company_id, 'nps:')
UNION SELECT unnest([company_id, other_id]) FROM pension_renames;

CREATE OR REPLACE TEMP VIEW link_kept AS
SELECT * FROM link_before ANTI JOIN link_changed USING (company_id) WHERE rule = 'self' AND starts_with(company_id, 'nps:');

CREATE OR REPLACE TEMP TABLE link_workplaces AS
SELECT company_id, any_value(source) AS source, coalesce(max_by(filing_id, published_on), any_value(filing_id)) AS filing_id, min(published_on) AS known_on
FROM (SELECT company_id, source, filing_id, published_on FROM companies UNION ALL SELECT company_id, source, filing_id, published_on FROM names)
SEMI JOIN link_changed USING (company_id)
GROUP BY company_id;

-- Who says where a company sits, and under which business number.
CREATE OR REPLACE TEMP TABLE link_regions AS
SELECT DISTINCT coalesce(canonical_id, company_id) AS company_id, region_key(region) AS region
FROM companies LEFT JOIN link_registered USING (company_id)
WHERE region IS NOT NULL AND coalesce(canonical_id, company_id) IN (SELECT company_id FROM link_names);

CREATE OR REPLACE TEMP TABLE link_facts AS
SELECT canonical_id AS company_id, bool_or(listed_on IS NOT NULL AND coalesce(delisted_on < listed_on, true)) AS is_listed, any_value(business_number) AS business_number
FROM link_registered JOIN link_entries USING (company_id) GROUP BY canonical_id;

CREATE OR REPLACE TEMP TABLE link_sizes AS
WITH counted AS (
    SELECT company_id, period_end, headcount, is_site FROM all_headcounts
    WHERE kind = 'workplace' AND company_id IN (SELECT company_id FROM link_names WHERE is_workplace)
)
SELECT company_id, sum(headcount) AS headcount
FROM counted JOIN (SELECT company_id, max(period_end) AS period_end FROM counted GROUP BY company_id) USING (company_id, period_end)
WHERE NOT coalesce(is_site, false) GROUP BY company_id;

-- Every workplace company beside every registered company of the same sound, with what speaks for and against.
CREATE OR REPLACE TEMP TABLE link_pairs AS
WITH registered AS (
    SELECT sound, count(DISTINCT company_id) AS registered, count(DISTINCT company_id) FILTER (WHERE is_listed) AS listed
    FROM link_names JOIN link_facts USING (company_id) WHERE NOT is_workplace GROUP BY sound
), workplaces AS (
    SELECT sound, count(DISTINCT company_id) AS workplaces FROM link_names WHERE is_workplace GROUP BY sound
), numbers AS (
    SELECT company_id, left(max_by(business_number, published_on), 6) AS prefix FROM companies
    WHERE company_id IN (SELECT company_id FROM link_names WHERE is_workplace) GROUP BY company_id
)
SELECT w.company_id, r.company_id AS canonical_id, any_value(w.sound) AS sound, bool_or(w.key = r.key) AS is_same_key,
    min(registered) AS registered, min(listed) AS listed, min(workplaces) AS workplaces,
    any_value(fact.is_listed) AS is_listed, any_value(size.headcount) AS headcount,
    any_value(number.prefix = left(fact.business_number, 6)) AS is_same_number
FROM link_names AS w
JOIN link_names AS r ON r.sound = w.sound AND w.is_workplace AND NOT r.is_workplace
JOIN registered ON registered.sound = w.sound
JOIN workplaces ON workplaces.sound = w.sound
LEFT JOIN numbers AS number ON number.company_id = w.company_id
JOIN link_facts AS fact ON fact.company_id = r.company_id
LEFT JOIN link_sizes AS size ON size.company_id = w.company_id
GROUP BY w.company_id, r.company_id;

CREATE OR REPLACE TEMP TABLE link_judged AS
WITH largest AS (
    SELECT sound, region, max(headcount) AS largest
    FROM link_names JOIN link_sizes USING (company_id) JOIN link_regions USING (company_id) WHERE is_workplace GROUP BY sound, region
), beside AS (
    SELECT pair.company_id, pair.canonical_id, bool_or(w.region = r.region) AS is_same_region,
        bool_or(w.region = r.region AND pair.headcount = largest) AS is_largest
    FROM link_pairs AS pair JOIN link_regions AS w ON w.company_id = pair.company_id
    JOIN link_regions AS r ON r.company_id = pair.canonical_id
    LEFT JOIN largest ON largest.sound = pair.sound AND largest.region = w.region
    GROUP BY ALL
), placed AS (
    SELECT pair.*, is_same_region, is_largest FROM link_pairs AS pair LEFT JOIN beside USING (company_id, canonical_id)
), judged AS (
    SELECT company_id, canonical_id, registered, CASE
        WHEN is_same_number AND is_same_key THEN {'confidence': 0.99, 'rule': 'name_and_business_number'}
        WHEN is_same_number THEN {'confidence': 0.97, 'rule': 'sound_and_business_number'}
        WHEN NOT is_same_number THEN {'confidence': 0.4, 'rule': 'candidate_other_business_number'}
        WHEN registered = 1 AND workplaces = 1 AND is_same_region AND is_same_key THEN {'confidence': 0.9, 'rule': 'unique_name_and_region'}
        WHEN registered = 1 AND workplaces = 1 AND is_same_region THEN {'confidence': 0.85, 'rule': 'unique_sound_and_region'}
        WHEN is_listed AND listed = 1 AND is_largest AND headcount >= 50 AND is_same_key THEN {'confidence': 0.85, 'rule': 'unique_listed_name'}
        WHEN is_listed AND listed = 1 AND is_largest AND headcount >= 50 THEN {'confidence': 0.8, 'rule': 'unique_listed_sound'}
        WHEN registered = 1 AND headcount >= 300 THEN {'confidence': 0.8, 'rule': 'large_workplace'}
        WHEN registered = 1 AND workplaces = 1 AND is_same_region IS NULL AND is_same_key AND headcount >= 10 THEN {'confidence': 0.8, 'rule': 'unique_name'}
        WHEN registered = 1 AND workplaces = 1 AND is_same_region IS NULL AND is_same_key THEN {'confidence': 0.7, 'rule': 'candidate_small_workplace'}
        WHEN registered = 1 AND workplaces = 1 AND is_same_region IS NULL THEN {'confidence': 0.7, 'rule': 'candidate_sound'}
        WHEN registered = 1 AND workplaces = 1 THEN {'confidence': 0.6, 'rule': 'candidate_name_other_region'}
        ELSE {'confidence': 0.4, 'rule': 'candidate_shared_name'} END AS link
    FROM placed
)
SELECT company_id, canonical_id, registered, link.confidence, link.rule,
    count(*) FILTER (WHERE link.confidence >= {threshold}) OVER (PARTITION BY company_id) AS accepted
FROM judged;

-- One row a company that verdicts follow (confidence at or above the threshold), and rows for those it might also be.
CREATE OR REPLACE TEMP TABLE new_links AS
WITH ruled AS (
    SELECT company_id, canonical_id, rule, CAST(1 AS DOUBLE) AS confidence
    FROM link_registered
    UNION ALL BY NAME
    -- Two companies that both seem certain are no certainty.
    SELECT company_id, canonical_id, if(confidence >= {threshold} AND accepted > 1, 'candidate_shared_name', rule) AS rule,
        CAST(if(confidence >= {threshold} AND accepted > 1, 0.4, confidence) AS DOUBLE) AS confidence
    -- A name shared by more than five says nothing about any of them.
    FROM link_judged WHERE confidence >= {threshold} OR registered <= 5
)
SELECT company_id, canonical_id, confidence, rule, entry.source, entry.filing_id,
    greatest(entry.known_on, canonical.known_on) AS published_on
FROM ruled JOIN (FROM link_workplaces UNION ALL SELECT company_id, source, filing_id, known_on FROM link_entries) AS entry USING (company_id)
JOIN (SELECT company_id AS canonical_id, known_on FROM link_entries) AS canonical USING (canonical_id)
UNION ALL BY NAME
SELECT company_id, company_id AS canonical_id, CAST(1 AS DOUBLE) AS confidence, 'self' AS rule, source, filing_id, known_on AS published_on
FROM link_workplaces WHERE company_id NOT IN (SELECT company_id FROM link_judged WHERE accepted = 1);
