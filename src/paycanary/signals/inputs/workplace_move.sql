-- Months in which about as many people joined another company's workplace as left one of the company's: lake/sql/moves.sql.
SELECT company_id, workplace, period_end, leavers, other_workplace, joiners, candidates, row_id FROM known_pension_moves
