-- Months in which people perhaps moved from the company to others: about as many joined a workplace of another company as left one of
-- its own (lake/sql/moves.sql). Only where at most $most_candidates workplaces took in about as many: of more, one is there by chance.
-- moved: leavers of all such workplaces of the month; other_workplace, joiners: where most of them perhaps went.
SELECT moves.company_id, moves.period_end, w.months_ago, CAST(moves.moved AS INTEGER) AS moved, moves.other_workplace, moves.joiners,
    moves.row_id
FROM (
    SELECT company_id, period_end, other_workplace, joiners, row_id,
        SUM(leavers) OVER (PARTITION BY company_id, period_end) AS moved,
        ROW_NUMBER() OVER (PARTITION BY company_id, period_end ORDER BY joiners DESC, row_id) AS place
    FROM known_pension_moves
    WHERE candidates <= $most_candidates
) AS moves
JOIN workplace_month w ON w.company_id = moves.company_id AND w.period_end = moves.period_end
WHERE moves.place = 1
