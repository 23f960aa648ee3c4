-- The newest yearly payroll that is known, by which amounts of large and small companies compare. Money and funding read it as ``pay``.
SELECT company_id, payroll
FROM (
    SELECT company_id, payroll, ROW_NUMBER() OVER (PARTITION BY company_id ORDER BY rank) AS place
    FROM listed_headcount WHERE is_annual AND payroll > 0
) AS ranked
WHERE place = 1
