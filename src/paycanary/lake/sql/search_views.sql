-- What a search reads, told by company instead of by register id. Views, so that an exact question reads only the columns it needs.

-- 'search_mask': which letters occur, as bits. One edit changes two bits at most, so masks rule out far names without comparing.
CREATE OR REPLACE TEMP MACRO search_mask(jamo) AS
    coalesce(list_aggregate(list_transform(string_split(jamo, ''), lambda c: CAST(1 AS BIGINT) << (unicode(c) % 61)), 'bit_or'), 0);

CREATE OR REPLACE TEMP VIEW search_ids AS
SELECT company_id, canonical_id FROM links WHERE confidence >= {threshold};

CREATE OR REPLACE TEMP VIEW search_name_rows AS
SELECT coalesce(canonical_id, names.company_id) AS canonical_id, name, kind, key, initials, jamo
FROM names LEFT JOIN search_ids USING (company_id) WHERE key <> '';

CREATE OR REPLACE TEMP VIEW search_code_rows AS
SELECT company_id, coalesce(canonical_id, company_id) AS canonical_id, name, corp_code, stock_code, corporation_number, business_number
FROM companies LEFT JOIN search_ids USING (company_id);
