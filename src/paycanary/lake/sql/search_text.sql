-- Names that contain what was typed, or sound like it. What is typed of a longer name counts by its share of that name.
SELECT company, name AS matched,
    CASE WHEN kind IN ('english', 'reading') THEN 'english' WHEN starts_with(key, $key) THEN 'prefix' WHEN contains(key, $key) THEN 'contains' ELSE 'sound' END AS kind,
    CASE WHEN sound = $sound THEN 0.95
         WHEN starts_with(key, $key) THEN 0.6 + 0.2 * length($key) / length(key)
         WHEN starts_with(sound, $sound) THEN 0.5 + 0.2 * length($sound) / length(sound)
         WHEN contains(key, $key) THEN 0.4 + 0.2 * length($key) / length(key)
         ELSE 0.3 + 0.2 * length($sound) / length(sound) END AS score
FROM search_names
WHERE mask & $mask = $mask AND if(length($key) > 1, contains(key, $key), starts_with(key, $key))
    OR sound_mask & $sound_mask = $sound_mask AND if(length($sound) > 1, contains(sound, $sound), starts_with(sound, $sound))
