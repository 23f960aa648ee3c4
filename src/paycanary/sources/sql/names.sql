-- How a company's name is compared. One place, used when names are stored and when one is typed.

-- 'name_key': no legal form, blanks, punctuation or case. '(주)카카오', '㈜ 카카오', '카카오 주식회사' -> '카카오'.
CREATE OR REPLACE TEMP MACRO name_key(name) AS
    regexp_replace(
        regexp_replace(
            lower(translate(nfc_normalize(name),
                'ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９＆．（）',
                'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789&.()')),
            '(\((주|유|합|합자|합명|재|사|학|의|복|영|농|주식회사|유한회사)\)|㈜|㈔|㈕|㈖|㈗|주식회사|유한책임회사|유한회사|합자회사|합명회사|사단법인|재단법인|농업회사법인|영농조합법인|사회복지법인|의료법인|학교법인|,?\s*(co[.,]*\s*ltd\.?|inc\.?|corp\.?|corporation|company limited|limited|ltd\.?)\s*$)',
            '', 'g'),
        '[^0-9a-z가-힣ㄱ-ㅎㅏ-ㅣ一-龥ぁ-んァ-ヶ]', '', 'g');

-- 'name_initials': first consonant of every syllable, everything else as it is. '삼부토건' -> 'ㅅㅂㅌㄱ'.
CREATE OR REPLACE TEMP MACRO name_initials(key) AS
    array_to_string(list_transform(string_split(key, ''), lambda c:
        CASE WHEN unicode(c) BETWEEN 44032 AND 55203
             THEN substr('ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ', CAST(floor((unicode(c) - 44032) / 588) AS INTEGER) + 1, 1)
             ELSE c END), '');

-- 'name_jamo': syllables taken apart, so that one wrong stroke is one wrong letter. '토건' -> 'ㅌㅗㄱㅓㄴ'.
CREATE OR REPLACE TEMP MACRO name_jamo(key) AS
    array_to_string(list_transform(string_split(key, ''), lambda c:
        CASE WHEN unicode(c) BETWEEN 44032 AND 55203
             THEN substr('ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ', CAST(floor((unicode(c) - 44032) / 588) AS INTEGER) + 1, 1)
               || substr('ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ', CAST(floor((unicode(c) - 44032) % 588 / 28) AS INTEGER) + 1, 1)
               || CASE WHEN (unicode(c) - 44032) % 28 = 0 THEN ''
                       ELSE substr('ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ', (unicode(c) - 44032) % 28, 1) END
             ELSE c END), '');
