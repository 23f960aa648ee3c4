-- How figures and dates are written in Korean filings.

-- Nothing filed: NULL, blank, or a dash of any kind.
CREATE OR REPLACE TEMP MACRO is_blank(text) AS
    text IS NULL OR trim(text) IN ('', '-', '－', '–', '—', '―', 'ㅡ', '.', 'N/A', '해당없음', '해당사항없음', '해당사항 없음');

-- '1,234', '(1,234)', '△1,234', '1,234원', '55.66%' -> number; NULL when blank or not a number.
-- Nearly all figures are plain digits with commas, so that is tried before the regular expressions.
CREATE OR REPLACE TEMP MACRO finite(value) AS CASE WHEN isfinite(value) THEN value END;
CREATE OR REPLACE TEMP MACRO amount(text) AS
    CASE WHEN text IS NULL OR text IN ('-', '') THEN NULL
         ELSE finite(coalesce(try_cast(replace(text, ',', '') AS DOUBLE), try_cast(
             CASE WHEN regexp_full_match(trim(text), '\(.*\)') OR trim(text)[1] IN ('△', '▲', '−', '－') THEN '-' ELSE '' END
             || regexp_replace(regexp_replace(trim(text), '(원|주|명|%|％)\s*\)?\s*$', ''), '[,\s()△▲−－]', '', 'g') AS DOUBLE)))
    END;

-- Something was filed that is no number.
CREATE OR REPLACE TEMP MACRO is_bad(text) AS NOT is_blank(text) AND amount(text) IS NULL;

-- '2022.01.06', '2022-01-06', '20220106', '2022년 1월 6일' -> day.
CREATE OR REPLACE TEMP MACRO day(text) AS
    coalesce(
        try_cast(text AS DATE),
        CAST(try_strptime(regexp_replace(text, '[^0-9]', '', 'g'), '%Y%m%d') AS DATE),
        CAST(try_strptime(regexp_replace(regexp_replace(trim(text), '[^0-9]+', '-', 'g'), '-$', ''), '%Y-%m-%d') AS DATE));

-- Reports speak of whole months: '2022-06-03' is a slip of the pen.
CREATE OR REPLACE TEMP MACRO month_end(text) AS last_day(day(text));

-- The first eight digits of a receipt number are the day on which the filing became public.
CREATE OR REPLACE TEMP MACRO received_on(receipt) AS
    CASE WHEN length(receipt) = 14 AND receipt >= '0' AND try_cast(receipt AS BIGINT) IS NOT NULL
         THEN try_cast(substr(receipt, 1, 4) || '-' || substr(receipt, 5, 2) || '-' || substr(receipt, 7, 2) AS DATE) END;

CREATE OR REPLACE TEMP MACRO receipt_fault(receipt) AS
    CASE WHEN receipt IS NULL OR trim(receipt) = '' THEN 'no_receipt_number'
         WHEN received_on(receipt) IS NULL THEN 'bad_receipt_number' END;

-- Report names of the collector and report codes of the API, in one set of words.
CREATE OR REPLACE TEMP MACRO report_form(report) AS
    CASE report WHEN '4분기' THEN 'annual' WHEN '11011' THEN 'annual'
                WHEN '2분기' THEN 'half_year' WHEN '11012' THEN 'half_year'
                WHEN '1분기' THEN 'quarter_1' WHEN '11013' THEN 'quarter_1'
                WHEN '3분기' THEN 'quarter_3' WHEN '11014' THEN 'quarter_3' ELSE 'other' END;

-- Months that a report of that name covers in a fiscal year that ends in December.
CREATE OR REPLACE TEMP MACRO form_months(form) AS
    CASE form WHEN 'annual' THEN 12 WHEN 'half_year' THEN 6 WHEN 'quarter_1' THEN 3 WHEN 'quarter_3' THEN 9 END;

CREATE OR REPLACE TEMP MACRO months_before(d, n) AS last_day(CAST(d - to_months(CAST(n AS INTEGER)) AS DATE));
