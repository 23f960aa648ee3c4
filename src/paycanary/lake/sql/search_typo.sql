-- Names one slip away: wrong strokes (counted in consonants and vowels), or one syllable left out, added or swapped with the next.
SELECT company, name AS matched, 'typo' AS kind, 0.8 - 0.1 * distance AS score
FROM (
    SELECT company, name, least(if(edits <= $far, edits, NULL), if(is_syllable, 1.5, NULL)) AS distance
    FROM (
        SELECT company, name, damerau_levenshtein(strokes, $strokes) AS edits,
            list_contains($swapped, key) OR length(key) = length($key) + 1 AND regexp_full_match(key, $left_out) AS is_syllable
        FROM search_names
        -- One edit changes two bits of the mask at most. This drops all but a few thousand names before anything is compared.
        WHERE bit_count(xor(mask, $mask)) <= 4 AND abs(strlen(strokes) - strlen($strokes)) <= 3
    )
)
WHERE distance IS NOT NULL
