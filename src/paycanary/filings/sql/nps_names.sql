-- What a pension workplace's name says: which company it belongs to, and whether it is a building site.
--
-- The register writes company, branch and site into one field: '한화시스템(주) ICT부문', '(주)켐트로스안산공장',
-- '(주)정도/일용/현대자동차 건설공사', '법무법인해람(대전분사무소)'. The company is always the beginning, so every step
-- below only cuts something off the end. Each step names its argument once: a macro is copied into the query as
-- text, and one that named it twice would double with every step.
-- Cutting too much joins names only under one 6-digit business number; cutting too little splits a headcount.

-- Places that stand before 지점, 공장, 지사 ... without a blank.
CREATE OR REPLACE TEMP MACRO nps_place() AS
    '(?:(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주|경인|영남|호남|충청|수도권'
    || '|한국|국내|중앙|중부|남부|북부|동부|서부'
    || '|수원|성남|고양|용인|부천|안산|안양|남양주|화성|평택|의정부|시흥|파주|광명|김포|군포|이천|양주|오산|구리|안성|포천'
    || '|의왕|하남|여주|양평|동두천|과천|가평|연천|춘천|원주|강릉|동해|태백|속초|삼척|홍천|횡성|영월|평창|정선|철원|화천'
    || '|양구|인제|고성|양양|청주|충주|제천|보은|옥천|영동|증평|진천|괴산|음성|단양|천안|공주|보령|아산|서산|논산|계룡|당진'
    || '|금산|부여|서천|청양|홍성|예산|태안|전주|군산|익산|정읍|남원|김제|완주|진안|무주|장수|임실|순창|고창|부안|목포|여수'
    || '|순천|나주|광양|담양|곡성|구례|고흥|보성|화순|장흥|강진|해남|영암|무안|함평|영광|장성|완도|진도|신안|포항|경주|김천'
    || '|안동|구미|영주|영천|상주|문경|경산|군위|의성|청송|영양|영덕|청도|고령|성주|칠곡|예천|봉화|울진|울릉|창원|진주|통영'
    || '|사천|김해|밀양|거제|양산|의령|함안|창녕|남해|하동|산청|함양|거창|합천|마산|진해|서귀포'
    || '|강남|강동|강북|강서|관악|광진|구로|금천|노원|도봉|동대문|동작|마포|서대문|서초|성동|성북|송파|양천|영등포|용산|은평'
    || '|종로|중랑|여의도|을지로|명동|역삼|가산|성수|판교|분당|일산|수지|기흥|동탄|송도|시화|반월|온산|대산|대불|오창|녹산'
    || '|달성|기장|해운대|사하|사상|수영|동래|부평|계양|남동|연수|유성|대덕|수성|달서|광산|문막|왜관|도농|칠서|정안)'
    || '(?:특별시|광역시|시|군|구|동|역|항|공항|신도시|제?\d+)?)';

-- Legal forms; '⟨주⟩' stands for '(주)', so that the parentheses that are left hold something else.
CREATE OR REPLACE TEMP MACRO nps_form() AS
    '(?:⟨[^⟩]*⟩|주식회사|유한책임회사|유한회사|유한공사|합자회사|합명회사)';

-- Forms that stand before a name: '|' marks where the name itself begins.
CREATE OR REPLACE TEMP MACRO nps_lead() AS
    '(?:⟨[^⟩]*⟩|주식회사|유한책임회사|유한회사|합자회사|합명회사|농업회사법인|어업회사법인|영농조합법인|영어조합법인'
    || '|사회적협동조합|사회복지법인|사단법인|재단법인|의료법인|학교법인|법무법인|세무법인|회계법인|노무법인|특허법인|관세법인'
    || '|감정평가법인|\s)';

-- Most names are plain: '가나다', '(주)가나다', '가나다(주)'. Nothing below changes those, so they pass by the regular expressions:
-- 'workplace_clean_any' and 'company_of_any' say what a name means, the macros without '_any' say the same sooner (tests/test_nps_names.py).

-- 'workplace_clean': one spelling of brackets, blanks and short legal forms. '（주  ）한화' -> '(주)한화', '유)주찬' -> '(유)주찬'.
CREATE OR REPLACE TEMP MACRO workplace_clean_any(name) AS
    trim(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        translate(replace(nfc_normalize(name), '㈜', '(주)'), '（）／－＿　＆．｜|', '()/-_ &.  '),
        '\s+', ' ', 'g'),
        '\( ', '(', 'g'),
        ' \)', ')', 'g'),
        '^ ?(주|유|합|자|재|사)[)/]', '(\1)'),
        '/(주|유|합|자) ?$', '(\1)'));

CREATE OR REPLACE TEMP MACRO workplace_clean(name) AS
    CASE WHEN regexp_full_match(name, '(?:\(주\))?[가-힣A-Za-z0-9]+(?:\(주\))?') THEN name ELSE workplace_clean_any(name) END;

-- 'workplace_label': the name as published, less a trailing '(홍길동)': some firms add their owner's name, and private
-- persons are not kept. A three-syllable unit ('(인사팀)' under the surname 인) goes with it; nothing is lost that is used.
CREATE OR REPLACE TEMP MACRO workplace_label(name) AS
    CASE WHEN regexp_full_match(name, '(?:\(주\))?[가-힣A-Za-z0-9]+(?:\(주\))?') THEN name ELSE regexp_replace(trim(name),
        '\s*[(（][김이박최정강조윤장임한오서신권황안송류유홍전고문양손배백허남심노하곽성차주우구나민진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용][가-힣]{2}[)）]',
        '', 'g') END;

-- 'company_of': the company part of a clean name.
CREATE OR REPLACE TEMP MACRO company_of_any(clean) AS
    trim(translate(
        -- 9. what a cut leaves behind
        regexp_replace(
        -- 8. '중국 지사', '본사 및 현장', '반포 현장'; '가산공장' after a blank, but not '정비공장', which is a trade
        regexp_replace(
        regexp_replace(
        -- 7. '안산공장', '서울사무소', '1공장': only with a place or number before the word
        regexp_replace(
        -- 6. '지점' and the like end no company's own name: cut with or without a place
        regexp_replace(
        -- 5. '세무법인이화', but 'OO세무법인동수원지점'
        regexp_replace(
        -- 4. brackets at the end, also cut short: '(영업소)', '(SEDEC)', '(인사팀)'
        regexp_replace(
        -- 3. 'OO-본점' with three letters before the dash, so not '에쓰-오일'
        regexp_replace(
        -- 2. a legal form after the name ends the name: '삼양식품(주)익산공장'
        regexp_replace(
        -- 1. '/', '-(' and day labour begin something else; '주식회사 상용' has no bracket and stays
        regexp_replace(
        regexp_replace(
        regexp_replace(
        regexp_replace(
            clean,
            '\((주|유|합|자|재|사|학|의|복|영|농|합자|합명|유한|주식회사|유한회사|유한책임회사|합자회사|합명회사|사단법인|재단법인|의료법인|사회복지법인|학교법인|영농조합법인|농업회사법인)\)', '⟨\1⟩', 'g'),
            '^(' || nps_lead() || '*)', '\1|'),
            '([A-Za-z])/([A-Za-z])', '\1∕\2', 'g'),
            '^([^|]*\|[^/]{2,}?) ?(?:/|[-_] ?\(|[-_] ?(?:건설)?(?:일용|상용)|\((?:건설)?(?:일용|상용)).*$', '\1'),
            '^([^|]*\|.{2,}?' || nps_form() || ').+$', '\1'),
            '^([^|]*\|[^-_]{3,}?) ?[-_] ?\S.*(?:본점|본사|지점|지사|공장|사업장|사업소|영업소|아파트|관리사무소|센터|현장)\d*$', '\1'),
            '^([^|]*\|.{2,}?) ?(?:\([^()]*(?:\([^()]*\)[^()]*)*\)?)+\)* ?$', '\1'),
            '^([^|]*\|.{2,}?(?:회계|세무|관세|특허|노무|법무|감정평가)법인).*(?:지점|지사|사무소|본부)$', '\1'),
            '^([^|]*\|.{2,}?)(?: \S+?| ?' || nps_place() || '+)? ?(?:제?\d+)?(?:지점|영업소|분사무소|출장소|본점|본사)\d*$', '\1'),
            '^([^|]*\|.{2,}?) ?(?:' || nps_place() || '+ ?(?:전력|지역)?(?:지사|공장|사업장|사업소|사무소|(?:지역|사업|광역)?본부)|제?\d+ ?공장)\d*$', '\1'),
            '^([^|]*\|.*[^| ].*?) (?:\S*(?:[^정비]|[^정]비))?(?:지사|공장|사업장|사업소|현장)\d*$', '\1'),
            '^([^|]*\|.*[^| ].*?) (?:' || nps_place() || '+(?:물류|부품|고객|서비스|기술)?(?:센터|연구소)|본사 및 현장)$', '\1'),
            '[ \-_/,.(]+$', ''),
        '⟨⟩∕|', '()/'));

CREATE OR REPLACE TEMP MACRO company_of(clean) AS
    CASE WHEN regexp_full_match(clean, '(?:\(주\)|주식회사 ?)?[가-힣A-Za-z0-9]+(?:\(주\)| ?주식회사)?')
              AND NOT regexp_matches(clean, '지점|지사|본점|본사|공장|현장|센터|본부|법인|영업소|사무소|출장소|사업소|사업장|연구소|유한|합자|합명|일용|상용|아파트|주식회사.+주식회사|.주식회사.')
         THEN clean ELSE company_of_any(clean) END;

-- 'is_site_unit': a building site or its day labourers, by what follows the company in the name. A company called
-- '한국토지주택공사' has nothing after it; a unit at a public corporation ('/한국철도공사') is no building work.
CREATE OR REPLACE TEMP MACRO is_site_unit(unit) AS
    CASE WHEN unit = '' THEN false
         ELSE regexp_matches(
             regexp_replace(unit,
                 '(?:한국[가-힣]{0,12}|[가-힣]{0,8}(?:공항|교통|도시|주택|도로|수자원|관광|철도|방송|석유|항만))공사|본사 및 현장', '', 'g'),
             '(?:^|[/(_\- ]) ?(?:건설)?(?:일용|상용)(?:직|근로|관리)?(?:[)/ \-]|$)|(?:일용|상용)직|현장(?:[)/ ]|$)|(?:신|증|개)축|\d ?공구|공사')
    END;

-- Both of a name as published; a query over many names keeps the steps in columns instead.
CREATE OR REPLACE TEMP MACRO workplace_company(name) AS company_of(workplace_clean(name));
CREATE OR REPLACE TEMP MACRO workplace_is_site(name) AS
    is_site_unit(substr(workplace_clean(name), length(workplace_company(name)) + 1));
