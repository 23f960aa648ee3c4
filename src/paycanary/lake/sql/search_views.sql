-- What a search reads, told by company instead of by register id. Views, so that an exact question reads only the columns it needs.

-- 'search_strokes': each consonant and vowel as one byte, because DuckDB counts edits in bytes. Keys hold no capitals or such signs.
CREATE OR REPLACE TEMP MACRO search_strokes(jamo) AS
    translate(jamo, 'ㄱㄲㄳㄴㄵㄶㄷㄸㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅃㅄㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ',
                    'ABCDEFGHIJKLMNOPQRSTUVWXYZ!"#$%()*+,-./:;<=>?@[]_^|');

-- 'search_mask': which strokes occur, as bits. What lacks a bit of another cannot contain it, and masks that differ in many bits
-- are many edits apart: one integer compared instead of a string.
CREATE OR REPLACE TEMP MACRO search_mask(strokes) AS
    coalesce(list_aggregate(list_transform(string_split(strokes, ''), lambda c: CAST(1 AS BIGINT) << (greatest(unicode(c), 0) % 61)), 'bit_or'), 0);

CREATE OR REPLACE TEMP VIEW search_ids AS
SELECT company_id, canonical_id FROM links WHERE confidence >= {threshold};

CREATE OR REPLACE TEMP VIEW search_name_rows AS
SELECT coalesce(canonical_id, names.company_id) AS company, name, kind, key, initials, jamo
FROM names LEFT JOIN search_ids USING (company_id) WHERE key <> '';

CREATE OR REPLACE TEMP VIEW search_code_rows AS
SELECT company_id, coalesce(canonical_id, company_id) AS company, name, corp_code, stock_code, corporation_number, business_number
FROM companies LEFT JOIN search_ids USING (company_id);
