-- The index: every name and code once, small enough to scan whole in milliseconds.
CREATE OR REPLACE TEMP TABLE search_wanted AS
SELECT company_id, coalesce(canonical_id, company_id) AS canonical_id
FROM (SELECT company_id FROM companies UNION SELECT company_id FROM names) LEFT JOIN search_ids USING (company_id);

CREATE OR REPLACE TEMP TABLE search_codes AS SELECT DISTINCT * FROM search_code_rows;

-- 'sound' only for names in Korea's own writing: an English name spelled letter by letter is no word.
CREATE OR REPLACE TEMP TABLE search_names AS
SELECT canonical_id, min_by(name, (length(name), name)) AS name, kind, key, initials,
    if(kind IN ('english', 'reading'), key, name_latin(key)) AS sound, search_strokes(jamo) AS strokes,
    search_mask(strokes) AS mask, if(sound = key, mask, search_mask(search_strokes(name_jamo(sound)))) AS sound_mask
FROM (
    SELECT * FROM search_name_rows
    UNION ALL
    -- The Latin reading that name_key leaves out: '카카오브이엑스(KAKAOVX)' is found as 'kakaovx' too.
    SELECT canonical_id, name, 'reading', key, key, key
    FROM (SELECT canonical_id, name, name_key(regexp_extract(name, '[가-힣]\s*[(（]([0-9A-Za-z .,&-]*[A-Za-z][0-9A-Za-z .,&-]*)[)）]\s*$', 1)) AS key FROM search_name_rows
          WHERE regexp_matches(name, '[가-힣]\s*[(（][0-9A-Za-z .,&-]+[)）]\s*$'))
    WHERE length(key) >= 3
)
GROUP BY canonical_id, kind, key, initials, jamo;
