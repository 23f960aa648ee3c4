-- The index: every name and code once, small enough to scan whole in milliseconds. Follows search_everyone.sql and search_card.sql.
CREATE OR REPLACE TEMP TABLE search_codes AS
SELECT DISTINCT row.* EXCLUDE (company), card.company
FROM search_code_rows AS row JOIN search_companies AS card ON card.canonical_id = row.company;

-- 'sound' only for names in Korea's own writing: an English name spelled letter by letter is no word.
CREATE OR REPLACE TEMP TABLE search_names AS
SELECT card.company, min_by(row.name, (length(row.name), row.name)) AS name, kind, key, initials,
    if(kind IN ('english', 'reading'), key, name_latin(key)) AS sound, search_strokes(jamo) AS strokes,
    search_mask(strokes) AS mask, if(sound = key, mask, search_mask(search_strokes(name_jamo(sound)))) AS sound_mask
FROM (
    SELECT company, name, kind, key, initials, jamo FROM search_name_rows
    UNION ALL
    -- The Latin reading that name_key leaves out: '카카오브이엑스(KAKAOVX)' is found as 'kakaovx' too.
    SELECT company, name, 'reading', key, key, key
    FROM (SELECT company, name, name_key(regexp_extract(name, '[가-힣]\s*[(（]([0-9A-Za-z .,&-]*[A-Za-z][0-9A-Za-z .,&-]*)[)）]\s*$', 1)) AS key FROM search_name_rows
          WHERE regexp_matches(name, '[가-힣]\s*[(（][0-9A-Za-z .,&-]+[)）]\s*$'))
    WHERE length(key) >= 3
) AS row JOIN search_companies AS card ON card.canonical_id = row.company
GROUP BY card.company, kind, key, initials, jamo;
