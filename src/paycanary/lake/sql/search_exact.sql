-- Official numbers and whole names. A number that is only the start of one, or only of which the start is known, proves nothing.
SELECT company, name AS matched,
    CASE WHEN company_id = $company_id THEN 'company_id' WHEN corp_code = $corp_code THEN 'corp_code' WHEN stock_code = $stock_code THEN 'stock_code'
         WHEN corporation_number = $corporation_number THEN 'corporation_number' ELSE 'business_number' END AS kind,
    CASE WHEN company_id = $company_id OR corp_code = $corp_code OR stock_code = $stock_code
             OR corporation_number = $corporation_number OR business_number = $business_number THEN 1.0 ELSE 0.5 END AS score
FROM {codes}
WHERE company_id = $company_id OR corp_code = $corp_code OR stock_code = $stock_code OR corporation_number = $corporation_number
    OR business_number = $business_number
    OR left(business_number, 6) = $number_start AND ($business_number IS NULL OR length(business_number) = 6)
UNION ALL
SELECT company, name, if(kind IN ('english', 'reading'), 'english', 'exact'),
    CASE kind WHEN 'english' THEN 0.97 WHEN 'former' THEN 0.96 WHEN 'reading' THEN 0.94 ELSE 1.0 END
FROM {names} WHERE key = $key
