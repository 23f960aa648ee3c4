"""What an auditor's report says: opinion, going concern, firm, day and standard.

Traps: a disclaimer's text holds «적정» and every review says that it gives no 감사의견; other sections speak of opinions on internal
control, on schedules, on last year; boilerplate on 계속기업 stands in every report. So the opinion is taken from its own
section, from the sentence that gives it, and has to agree with the heading; going concern is taken from what is asserted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

from paycanary.filings.dart_document import sentences
from paycanary.filings.dart_document.markup import squash
from paycanary.filings.dart_document.sentences import passage
from paycanary.filings.reading import AuditReport, Fault

if TYPE_CHECKING:
    from paycanary.filings.dart_document.markup import Document
    from paycanary.filings.dart_document.sentences import Section, Sentence
    from paycanary.filings.reading import Opinion, Passage

#: Sentences on something other than this year's statements.
_ELSEWHERE: Final = re.compile(
    r"내부회계|내부통제|기타정보|부속명세서|전기재무제표에대하여는|전임감사인|타감사인|다른감사인|일자감사보고서|일자검토보고서"
)
#: A review says that it gives no 감사의견 because it is none.
_REVIEWED: Final = re.compile(r"검토|감사를(?:실시|수행)하지")
_DISCLAIMED: Final = re.compile(
    r"(?:의견|결론)을표명하지(?:않|아니|못)|(?:의견|결론)(?:의표명)?을거절|(?:의견|결론)을표명할수없"
)
_NOT_FAIR: Final = re.compile(r"(?:공정|적정)하게표시하(?:고있지|지)(?:않|아니|못)")
_FOUND_NOTHING: Final = re.compile(r"발견되지(?:않|아니)|발견하지못")
_FAIR: Final = re.compile(r"(?:공정|적정)하게표시(?:하고있|되어있|하였|함)")
_EXCEPT: Final = re.compile(r"(?:사항|영향|것|부분|바)[을를]?제외하(?:고는|면)|제외하고는")
_HEADED: Final[tuple[tuple[str, Opinion], ...]] = (
    ("거절", "disclaimer"), ("부적정", "adverse"), ("한정", "qualified"), ("적정", "unqualified"),
)  # fmt: skip
_DOUBT: Final = re.compile(
    r"계속기업.{0,160}(?:의문|의심|불확실성)|(?:의문|의심|불확실성).{0,80}계속기업"
)
#: What every report says of the auditor's and the management's duties, and what other sections point to.
_DUTY: Final = re.compile(
    r"존재하는지|여부에대하여?결론|결론을내|평가하고|초래할수있는사건|공시할책임|전제의사용|중단시킬수|단락에기술된사항에추가|핵심감사사항|해당사항없|해당사항이없"
)
_DENIED: Final = re.compile(
    r"(?:불확실성|의문|의심).{0,40}(?:존재하지(?:않|아니)|없(?:다|음|습니다|는)|아니(?:다|합)|않(?:습|았|는다))"
)
#: Doubt that is over: no plan to overcome it, and no doubt named after it.
_OVERCOME: Final = re.compile(
    r"(?:불확실성|의문|의심)(?:(?!불확실성|의문|의심).){0,160}(?:극복|해소)(?:되었|됐|된(?!다)|하였|했|한(?!다|후)|함(?!으로))(?!다고.{0,12}(?:수없|어렵))(?!.*(?:불확실성|의문|의심))"
)
#: Doubt that another report names, or that was last year's: «당기와 전기에 순손실이 발생하여» is not.
_FORMER: Final = re.compile(
    r"전임감사인|타감사인|다른감사인|일자감사보고서|일자검토보고서|전기(?:의)?(?:연결|별도)?(?:재무제표|감사보고서|감사의견)에"
    r"|(?:전기|전년도|직전(?:사업|회계)?연도)(?:(?!당기|현재|손실|결손|적자|부채|잠식).){0,40}계속기업.{0,80}(?:있었|이었|하였|되었|했)"
)
_STILL: Final = re.compile(
    r"당기(?:말)?에도|당기말현재|당기(?:와|및)전기|전기(?:와|및)당기|여전히|현재까지|지속되고|계속되고"
)
#: «회사와 그 종속기업의 계속기업» is the company's own; «종속기업의 계속기업» is not.
_AND_ITS: Final = re.compile(r"[와과및]그?(?:종속|관계|공동)(?:기업|회사)(?:들)?")
_OTHERS: Final = (
    r"(?:종속|관계|공동)(?:기업|회사)|자회사|피투자회사|모회사|거래처|매출처|채무자|차주|시공사"
)
#: In a consolidated report «지배기업» is the audited company, but never «회사의 지배기업».
_PARENT: Final = r"지배(?:기업|회사)"
_ITS_PARENT: Final = r"(?:(?<!주식)(?<!유한)회사|당사|연결실체|최상위|차상위)의?지배(?:기업|회사)"
#: What stands between another and 계속기업: his name, but neither the company itself nor what the other brought upon it.
_BETWEEN: Final = r"(?:(?!(?<!주식)(?<!유한)(?:회사|당사|연결실체)(?:의|는|가|도)|인하|인한|따른|따라|때문|상황|사건|손실|부도|보증|감소|해지|중단|채무불이행).){0,40}"
_OWNED: Final = re.compile(
    rf"(?:{_OTHERS}|{_ITS_PARENT}){_BETWEEN}(?:의|에대한|은|는|이|가)계속기업"
)
_PARENTS: Final = re.compile(rf"{_PARENT}{_BETWEEN}(?:의|에대한|은|는|이|가)계속기업")
_FIRM: Final = re.compile(
    r"((?:[가-힣A-Za-z&·]{1,15}(?:회계법인|감사반))|(?:회계법인[가-힣A-Za-z]{1,12}))(?=$|\(|대표|업무|공인회계사|담당|귀중|등록)"
)
_DAY: Final = re.compile(r"(20\d\d|19\d\d)\s*[년.]\s*(\d{1,2})\s*[월.]\s*(\d{1,2})\s*일?\.?")
_SIGNED: Final = re.compile(r"(?:감사|검토)보고서일\s*\(([^)]{8,30})\)")
_ALIAS: Final = re.compile(r"\(\s*[\"'“‘]?\s*이하")
_SUBJECT: Final = re.compile(r"(?:우리는|감사인은|별첨된|첨부된)")
_GROUP: Final = re.compile(r"\s*[와과및]\s*그\s*종속(?:기업|회사)들?$")
_STANDARDS: Final = (
    ("한국채택국제회계기준", "K-IFRS"),
    ("중소기업회계기준", "SME"),
    ("일반기업회계기준", "K-GAAP"),
    ("기업회계기준", "K-GAAP"),
)
#: Sections whose talk of going concern is duty, cross-reference, or about another report or company.
_SILENT: Final = ("management", "auditor", "key_matters", "icfr", "going_concern", "other")
#: Lines around the firm's name in which the day of signing stands.
_SIGNATURE: Final = 8
#: Characters of an opinion's section in which company and period are sought.
_LONGEST_SECTION: Final = 2000
_LONGEST_NAME: Final = 60


class AuditReader:
    """Reads the auditor's report of one document, if it holds one."""

    def __init__(self, document: Document, member: str) -> None:
        self.member = member
        self.document = document
        self.faults: list[Fault] = []
        self.company: str | None = None

    def read(self) -> AuditReport | None:
        """What the auditor says; None where the document holds no auditor's report."""
        parts = sentences.sections(self.document)
        known = {part.kind for part in parts}
        whole = [s for part in parts for s in part.sentences]
        if not known & {"opinion", "basis"} and not any(_is_opinion(s.words) for s in whole):
            return None
        said = self._in_its_section(parts) or self._in_the_text(parts) or _Said(None, None, None)
        lines = sentences.auditor_lines(self.document)
        firm, signed_on, signed_at = _signature(lines)
        # A firm's name before the opinion stands on the cover: the rest of the report may be missing.
        is_signed = said.sentence is not None and (signed_at or 0) >= said.sentence.line
        is_whole = said.opinion is not None and (is_signed or "auditor" in known)
        around = said.section.sentences if said.section else []
        spoken = " ".join(s.text for s in around)[:_LONGEST_SECTION]
        self.company = _company(spoken)
        basis = _basis(self.document, spoken)
        doubt = self._doubt(parts, is_group=basis == "CFS")
        return AuditReport(
            opinion=said.opinion,
            opinion_words=said.passage(self.member),
            is_going_concern=True if doubt else (False if is_whole else None),
            going_concern_words=doubt,
            auditor=firm,
            signed_on=signed_on,
            period_end=_period_end(spoken, signed_on),
            standard=_standard([s.words for s in (*around, *whole)]),
            is_review=said.is_review or "검토보고서" in squash(self.document.name),
            basis=basis,
        )

    def _in_its_section(self, parts: list[Section]) -> _Said | None:
        """The opinion under its heading. A heading that names one has to agree with the sentence."""
        for part in parts:
            if part.kind != "opinion" or not part.sentences:
                continue
            heading = squash(part.heading)
            headed = next((opinion for word, opinion in _HEADED if word in heading), None)
            judged = [(o, s) for s in part.sentences if (o := judge(s.words))]
            if not judged and headed is None:
                continue  # a table of contents, or a part that speaks of something else
            opinion, sentence = judged[0] if judged else (headed, part.sentences[0])
            if headed in (None, opinion) or (headed == "qualified" and opinion == "unqualified"):
                return _Said(headed or opinion, sentence, part)
            self._fault("unclear_opinion", sentence, part.heading)
            return _Said(None, sentence, part)
        return None

    def _in_the_text(self, parts: list[Section]) -> _Said | None:
        """The opinion of a report without headings, as they were written until 2013."""
        spoken = [(p, s) for p in parts for s in p.sentences if _is_opinion(s.words)]
        for part, sentence in spoken:
            if part.kind in ("start", "basis") and (opinion := judge(sentence.words)):
                return _Said(opinion, sentence, part)
        for part, sentence in spoken:
            if "부속명세서" in sentence.words:
                self._fault("opinion_on_schedule", sentence, part.heading)
        return None

    def _fault(self, reason: str, sentence: Sentence, heading: str) -> None:
        words = passage(sentence, self.member, heading or "본문")
        self.faults.append(Fault(reason, words.text[:200], words.place))

    def _doubt(self, parts: list[Section], *, is_group: bool) -> Passage | None:
        """The sentence that names material uncertainty about going concern: the company's, and this period's."""
        for part in parts:
            if part.kind == "going_concern":
                stated = [s for s in part.sentences if "해당사항" not in s.words]
                telling = [s for s in stated if _DOUBT.search(s.words) and not _is_denied(s.words)]
                if telling or (stated and not any(_is_denied(s.words) for s in stated)):
                    return passage((telling or stated)[0], self.member, part.heading)
        for part in parts:
            if part.kind in _SILENT:
                continue
            for sentence in part.sentences:
                if _names_doubt(sentence.words, is_group=is_group):
                    return passage(sentence, self.member, part.heading or "본문")
        return None


@dataclass(frozen=True, slots=True)
class _Said:
    """An opinion with the sentence that gives it and the section in which it stands."""

    opinion: Opinion | None
    sentence: Sentence | None
    section: Section | None

    def passage(self, member: str) -> Passage | None:
        """The sentence to keep."""
        if self.sentence is None:
            return None
        heading = self.section.heading if self.section else ""
        return passage(self.sentence, member, heading or "본문")

    @property
    def is_review(self) -> bool:
        """Whether it is the conclusion of an interim review."""
        heading = squash(self.section.heading) if self.section else ""
        if "검토" in heading or heading.endswith("결론"):
            return True
        return self.sentence is not None and bool(_FOUND_NOTHING.search(self.sentence.words))


def judge(words: str) -> Opinion | None:
    """The opinion that a sentence (without blanks) gives on the statements, None where it gives none."""
    if _ELSEWHERE.search(words) or ("감사의견을표명하지" in words and _REVIEWED.search(words)):
        return None
    if _DISCLAIMED.search(words):
        return "disclaimer"
    if _FOUND_NOTHING.search(words):
        return "qualified" if _EXCEPT.search(words) else "unqualified"
    if _NOT_FAIR.search(words):
        return "adverse"
    if _FAIR.search(words):
        return "qualified" if _EXCEPT.search(words) else "unqualified"
    return None


def _is_denied(words: str) -> bool:
    """Whether a sentence says that there is no doubt, or none any more."""
    return bool(_DENIED.search(words) or _OVERCOME.search(words))


def _names_doubt(words: str, *, is_group: bool) -> bool:
    """Whether a sentence asserts doubt about the company itself (of a group: its parent) as of this period's end."""
    own = _AND_ITS.sub("", words)
    if not _DOUBT.search(own) or _DUTY.search(own) or _is_denied(own) or _OWNED.search(own):
        return False
    if not is_group and _PARENTS.search(own):
        return False
    return not _FORMER.search(own) or bool(_STILL.search(own))


def _is_opinion(words: str) -> bool:
    """Whether a sentence speaks as an opinion does: ``우리의 의견으로는``, ``의견을 표명하지 아니합니다``."""
    return "의견으로는" in words or (_DISCLAIMED.search(words) is not None and "재무제표" in words)


def _signature(
    lines: list[tuple[str, int, tuple[int, int]]],
) -> tuple[str | None, date | None, int | None]:
    """The firm that signed (never a person), the day, and the line of the firm's last mention."""
    texts = [text for text, _, _ in lines]
    firms = [(i, match[1]) for i, text in enumerate(texts) if (match := _FIRM.match(squash(text)))]
    if not firms:
        return None, _stated_day(texts), None
    at, firm = firms[-1]
    near = [*texts[at + 1 : at + _SIGNATURE], *reversed(texts[max(0, at - _SIGNATURE) : at])]
    for index, text in enumerate(texts):
        if "귀중" in text:
            near += texts[index : index + 3]
    days = [day for text in near if (day := _whole_day(text))]
    return firm, days[0] if days else _stated_day(texts), lines[at][1]


def _whole_day(text: str) -> date | None:
    """The day where a line is nothing but a day."""
    match = _DAY.fullmatch(text.strip())
    return _day(match) if match else None


def _stated_day(texts: list[str]) -> date | None:
    for text in texts:
        if (match := _SIGNED.search(text)) and (day := _DAY.search(match[1])):
            return _day(day)
    return None


def _day(match: re.Match[str]) -> date | None:
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


def _period_end(text: str, signed_on: date | None) -> date | None:
    """The newest day of which the opinion speaks."""
    days = [day for match in _DAY.finditer(text) if (day := _day(match))]
    return max((day for day in days if signed_on is None or day < signed_on), default=None)


def _standard(sentences_: list[str]) -> str | None:
    """The accounting standard that the statements follow."""
    for words in sentences_:
        for name, code in _STANDARDS:
            if name in words and ("따라" in words or "의하여" in words):
                return code
    return None


def _company(text: str) -> str | None:
    """The company as the opinion calls it: ``우리는 ○○ 주식회사(이하 "회사")의 재무제표를``."""
    alias = _ALIAS.search(text)
    if alias is None:
        return None
    before = text[max(0, alias.start() - _LONGEST_NAME * 2) : alias.start()]
    name = _GROUP.sub("", _SUBJECT.split(before)[-1].strip())
    return " ".join(name.split()) if 1 < len(name) <= _LONGEST_NAME and "다." not in name else None


def _basis(document: Document, spoken: str) -> Literal["CFS", "OFS"] | None:
    """Whether the report is about consolidated statements."""
    if document.name_code == "00761" or "연결감사" in squash(document.name):
        return "CFS"
    words = squash(spoken)
    if not words:
        return None
    return "CFS" if "연결재무제표" in words else "OFS"
