-- Names one slip away: wrong strokes (counted in consonants and vowels), or one syllable left out, added or swapped with the next.
SELECT canonical_id, name AS matched, 'typo' AS kind, 0.8 - 0.1 * distance AS score
FROM (
    SELECT canonical_id, name, least(
        if(strokes <= $far, strokes, NULL),
        if(syllables = 1 AND (length(key) <> length($key) OR list_sort(string_split(key, '')) = list_sort(string_split($key, ''))), 1.5, NULL)) AS distance
    FROM (
        SELECT *, damerau_levenshtein(jamo, $jamo) AS strokes,
            if(abs(length(key) - length($key)) <= 1 AND length(key) >= 3, damerau_levenshtein(key, $key), NULL) AS syllables
        FROM search_names
        WHERE length(jamo) BETWEEN length($jamo) - 3 AND length($jamo) + 3 AND bit_count(xor(mask, $mask)) <= 4
    )
)
WHERE distance IS NOT NULL
