-- How a company's name is compared. One place, used when names are stored and when one is typed.
-- Stored keys, and the ids of workplaces made from them, follow from this file: a change here needs a new take-in.

-- 'name_plain': one way to write each character. Full-width signs, letters and digits become ASCII; Roman numerals, which
-- tell a series of funds apart, become digits; a consonant typed alone on a Mac (U+1100..) becomes the one of a Windows keyboard.
CREATE OR REPLACE TEMP MACRO name_plain(name) AS
    lower(translate(nfc_normalize(name),
        'ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９＆．，（）［］：　ⅠⅡⅢⅣⅤⅥⅦⅧⅨᄀᄁᄂᄃᄄᄅᄆᄇᄈᄉᄊᄋᄌᄍᄎᄏᄐᄑᄒ',
        'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789&.,()[]: 123456789ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ'));

-- 'name_key', 'name_key_any': no legal form, blanks, punctuation or case. '(주)카카오', '㈜ 카카오', '카카오 주식회사' -> '카카오'.
-- Also gone: a former name in brackets, '동화엔텍(구:동화정기)', and a reading in Latin letters behind a Korean name,
-- '카카오브이엑스(KAKAOVX)', which registers write or leave out as they like. '&' stays: 'F&F' is not 'FF'.
-- English forms go from the end, however many and however joined, because the DART register writes 'OSCOTECInc.' and
-- 'Ltd.,Co.'; 'zinc' keeps its end, and 'co' goes only where it stands as a word.
CREATE OR REPLACE TEMP MACRO name_key_any(name) AS
    regexp_replace(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(name_plain(name),
                            '\((주|유|유한|합|합자|합명|자|재|사|학|의|복|영|농|株|주식회사|유한회사)\)|㈜|㈔|㈖|㍿|^\s*주\)|\(주\s*$|주식회사|株式會社|株式会社|유한책임회사|유한회사|합자회사|합명회사|사단법인|재단법인|농업회사법인|영농조합법인|사회복지법인|의료법인|학교법인',
                            '', 'g'),
                        '[(\[]구[:.,\s][^)\]]*[)\]]', '', 'g'),
                    '((co[.,\s]*l\.?t\.?d|company[.,\s]*limited|corporation|corp|limited|l\.?t\.?d|l\.?l\.?c|plc|\binc|\bco)[.,\s)]*)+$', ''),
                '([^z])inc[.,\s)]*$', '\1'),
            -- Its bracket may be gone with the English form before it: '에이텍(ATECCo.,Ltd.)'.
            '([가-힣]\s*)\([0-9a-z .,&''-]*[a-z][0-9a-z .,&''-]*\)?\s*$', '\1'),
        '[^0-9a-z가-힣ㄱ-ㅎㅏ-ㅣ一-龥ぁ-んァ-ヶ&]', '', 'g');

-- '가나다' and '(주)가나다', which most names are, need none of the rules: they are told the same sooner (tests/test_nps_names.py).
CREATE OR REPLACE TEMP MACRO name_key(name) AS
    CASE WHEN regexp_full_match(replace(name, '(주)', ''), '[가-힣]+') AND NOT regexp_matches(name, '회사|법인')
         THEN replace(name, '(주)', '') ELSE name_key_any(name) END;

-- 'name_initials': first consonant of every syllable, everything else as it is. '삼부토건' -> 'ㅅㅂㅌㄱ'.
CREATE OR REPLACE TEMP MACRO name_initials(key) AS
    array_to_string(list_transform(string_split(key, ''), lambda c:
        CASE WHEN unicode(c) BETWEEN 44032 AND 55203
             THEN ['ㄱ','ㄲ','ㄴ','ㄷ','ㄸ','ㄹ','ㅁ','ㅂ','ㅃ','ㅅ','ㅆ','ㅇ','ㅈ','ㅉ','ㅊ','ㅋ','ㅌ','ㅍ','ㅎ'][(unicode(c) - 44032) // 588 + 1]
             ELSE c END), '');

-- 'name_jamo': syllables taken apart, so that one wrong stroke is one wrong letter. '토건' -> 'ㅌㅗㄱㅓㄴ'.
CREATE OR REPLACE TEMP MACRO name_jamo(key) AS
    array_to_string(list_transform(string_split(key, ''), lambda c:
        CASE WHEN unicode(c) BETWEEN 44032 AND 55203
             THEN ['ㄱ','ㄲ','ㄴ','ㄷ','ㄸ','ㄹ','ㅁ','ㅂ','ㅃ','ㅅ','ㅆ','ㅇ','ㅈ','ㅉ','ㅊ','ㅋ','ㅌ','ㅍ','ㅎ'][(unicode(c) - 44032) // 588 + 1]
               || substr('ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ', CAST(floor((unicode(c) - 44032) % 588 / 28) AS INTEGER) + 1, 1)
               || CASE WHEN (unicode(c) - 44032) % 28 = 0 THEN ''
                       ELSE substr('ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ', (unicode(c) - 44032) % 28, 1) END
             ELSE c END), '');

-- 'name_latin': Latin letters as Koreans say them, so that 'HMM' and '에이치엠엠', 'CJ' and '씨제이', 'KT&G' and '케이티앤지'
-- meet. Spellings that waver (C: 씨 or 시, S: 에스 or 에쓰, W: 더블유 or 더블류, &: 앤 or 엔) are made one, in Korean names too.
-- Whole English words are out of reach: 'NAVER' does not become '네이버'.
CREATE OR REPLACE TEMP MACRO name_latin(key) AS
    replace(replace(translate(
        CASE WHEN regexp_matches(key, '[a-z]')
             THEN array_to_string(list_transform(string_split(key, ''), lambda c:
                 CASE WHEN c BETWEEN 'a' AND 'z'
                      THEN split_part('에이 비 씨 디 이 에프 지 에이치 아이 제이 케이 엘 엠 엔 오 피 큐 알 에스 티 유 브이 더블유 엑스 와이 제트', ' ', unicode(c) - 96)
                      ELSE c END), '')
             ELSE key END,
        '시앤&', '씨엔엔'), '에쓰', '에스'), '더블류', '더블유');

-- 'region_key': a province by the two letters everyone knows, however a register names it. Jeonnam and Gwangju are one since
-- they merged in 2026, so that addresses from before and after agree.
CREATE OR REPLACE TEMP MACRO region_key(region) AS
    CASE WHEN region LIKE '전라남%' OR region LIKE '전남%' OR region LIKE '광주%' THEN '전남'
         WHEN region LIKE '전라북%' THEN '전북' WHEN region LIKE '충청남%' THEN '충남' WHEN region LIKE '충청북%' THEN '충북'
         WHEN region LIKE '경상남%' THEN '경남' WHEN region LIKE '경상북%' THEN '경북' ELSE left(trim(region), 2) END;
