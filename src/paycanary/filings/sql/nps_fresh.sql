-- nps_unread -> nps_names.
-- Names that no month before this one had: each is taken apart once (MATERIALIZED: else each mention of a step is worked out
-- anew). A sole proprietor's is not looked at.
INSERT INTO nps_names BY NAME
WITH fresh AS (
    SELECT name_hash, any_value(published) AS published FROM nps_unread ANTI JOIN nps_names USING (name_hash)
    WHERE NOT is_private AND published IS NOT NULL GROUP BY name_hash
), clean AS MATERIALIZED (
    SELECT name_hash, workplace_clean(published) AS clean, workplace_label(published) AS workplace FROM fresh
), named AS MATERIALIZED (
    SELECT name_hash, clean, workplace, company_of(clean) AS name FROM clean
)
SELECT name_hash, name, workplace, is_site_unit(substr(clean, length(name) + 1)) AS is_site,
    -- A workplace called nothing but '주식회사' is known by that.
    coalesce(nullif(name_key(name), ''), nullif(regexp_replace(name, '[^\p{L}\p{N}]', '', 'g'), '')) AS key, true AS is_new
FROM named;
