-- Ids of the pension register that are one company under its earlier and later names. Reads pension_renames and new_links; changes
-- new_links. Whichever of them a register's company was matched with stands for all; else the newest name does.
CREATE OR REPLACE TEMP TABLE link_renamed AS
WITH ends AS ({renamed})
SELECT company_id, newest FROM ends UNION ALL SELECT DISTINCT newest, newest FROM ends;

CREATE OR REPLACE TEMP TABLE link_chosen AS
SELECT newest, coalesce(
    CASE WHEN count(DISTINCT canonical_id) FILTER (rule <> 'self' AND confidence >= {threshold}) = 1
        THEN any_value(canonical_id) FILTER (rule <> 'self' AND confidence >= {threshold}) END,
    newest) AS canonical_id
FROM link_renamed JOIN new_links USING (company_id) GROUP BY newest;

UPDATE new_links SET canonical_id = chosen.canonical_id, rule = 'renamed', confidence = 0.95
FROM link_renamed AS renamed JOIN link_chosen AS chosen USING (newest)
WHERE new_links.company_id = renamed.company_id AND new_links.rule = 'self' AND chosen.canonical_id <> new_links.company_id;
