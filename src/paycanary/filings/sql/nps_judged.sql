-- Typed rows, nps_names -> every row with what its name says and what becomes of it. Rows whose name was never read keep it in 'published'
-- until it is; all others lose it. 'row_id' is the number by which the lake knows a row of a whole month.
SELECT *, CASE WHEN layout = 'monthly' AND is_kept AND reason IS NULL THEN {row_id} END AS row_id
FROM (
    SELECT typed.* EXCLUDE (published, withdrawn_on, enrolled_on),
        if(year(withdrawn_on) BETWEEN 1988 AND 2100, withdrawn_on, NULL) AS withdrawn_on,
        if(year(enrolled_on) BETWEEN 1988 AND 2100, enrolled_on, NULL) AS enrolled_on,
        if(known.name_hash IS NULL AND NOT is_private, published, NULL) AS published,
        known.workplace, known.name, known.is_site, NOT is_private AS is_kept,
        'nps:' || left(md5(coalesce(prefix, '') || '|' || known.key), 12) AS company_id,
        CASE WHEN is_private THEN NULL
             WHEN known.key IS NULL THEN 'no_company'
             WHEN month_start IS NULL OR is_bad_day OR nps_is_no_day(typed.enrolled_on) OR nps_is_no_day(typed.withdrawn_on) THEN 'bad_date'
             -- The register's files begin with 2015-12 (https://www.data.go.kr/data/15083277/fileData.do), and none is of a month to come.
             WHEN month_start NOT BETWEEN DATE '2015-12-01' AND DATE '{newest}' THEN 'unpublished_month'
             WHEN is_bad_number THEN 'bad_number'
             -- All of 45,534 real rows have six digits and, where the table has the column, status 1 or 2. Kept without either, a row would
             -- be another company, or one of which nothing says whether it is still in the scheme.
             WHEN prefix IS NULL THEN 'no_business_number'
             WHEN status IS NULL AND layout = 'monthly' THEN 'unknown_code'
             -- So many people would have been fewer than none in the month before. None of 29,974 real rows of 2022-04 is such.
             WHEN headcount + leavers < joiners THEN 'impossible_count'
        END AS reason
    FROM ({typed}) AS typed LEFT JOIN nps_names AS known ON known.name_hash = typed.name_hash
)
