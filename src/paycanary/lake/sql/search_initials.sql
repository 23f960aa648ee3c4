-- 'ㅅㅂㅌㄱ', or '삼부ㅌㄱ', where $pattern says which syllables were typed in full.
SELECT company, name AS matched, 'initials' AS kind,
    if(length(initials) = length($initials), 0.85, 0.5 + 0.2 * length($initials) / length(initials)) AS score
FROM search_names
WHERE starts_with(initials, $initials) AND kind NOT IN ('english', 'reading') AND ($pattern IS NULL OR regexp_matches(key, $pattern))
