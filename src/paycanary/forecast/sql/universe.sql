-- Companies for which the question is asked: an audited year that ended within $max_age_months months is public, so the company
-- files annual reports. Nothing that a register says of today enters: the exchange's list of the listed holds only those still listed
-- when it was fetched, so that standing on it, and an industry that stands there alone, tell who survived.
SELECT DISTINCT o.company_id
FROM opinion o
JOIN scope s ON s.company_id = o.company_id
WHERE o.is_annual AND o.rank = 0 AND o.period_end >= s.as_of - INTERVAL '1' MONTH * $max_age_months
