"""What a document says, for a terminal, a pipe, or as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Final

from rich import box
from rich.table import Table
from rich.text import Text

from paycanary.documents import DocumentReading, DocumentReadings
from paycanary.filings.concepts import load_concepts
from paycanary.filings.reasons import meaning
from paycanary.wording import month, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console

    from paycanary.errors import Lang
    from paycanary.filings.reading import AuditReport, DocumentFact, Passage, Place, Reading

FORMATS: Final[dict[Lang, dict[str, str]]] = {
    "ko": {"dart_document": "DART 원문", "inline_xbrl": "inline XBRL", "xbrl": "XBRL", "companyfacts": "companyfacts JSON", "opendart_json": "OpenDART 재무제표 JSON"},
    "en": {"dart_document": "DART document", "inline_xbrl": "inline XBRL", "xbrl": "XBRL", "companyfacts": "companyfacts JSON", "opendart_json": "OpenDART statement JSON"},
}  # fmt: skip
STANDARDS: Final[dict[str, tuple[str, str]]] = {
    "K-IFRS": ("한국채택국제회계기준(K-IFRS)", "K-IFRS"),
    "K-GAAP": ("일반기업회계기준", "K-GAAP"),
    "SME": ("중소기업회계기준", "Korean SME standard"),
}
_WORDS: Final[dict[Lang, dict[str, str]]] = {
    "ko": {
        "opinion": "감사의견", "review": "검토결론", "none": "모름: 의견을 밝히는 문장을 찾지 못했습니다.", "going": "계속기업 관련 중요한 불확실성",
        "yes": "있음", "no": "없음", "unknown": "모름: 이를 말할 부분이 문서에 없습니다.", "other": "그 밖의 사실 {:,}개: --all", "faults": "쓰지 못한 것 {:,}개: {}",
        "CFS": "연결", "OFS": "별도", "until": "{} 기준", "signed": "{} 서명", "receipt": "접수번호 {}", "facts": "사실 {:,}개", "nil": "(없음)", "from": "{} ~ {}",
    },
    "en": {
        "opinion": "Opinion", "review": "Review conclusion", "none": "unknown: no sentence that gives it was found.", "going": "Material uncertainty about going concern",
        "yes": "named", "no": "none", "unknown": "unknown: the part that would tell is not in the document.", "other": "{:,} other facts: --all", "faults": "{:,} that could not be used: {}",
        "CFS": "consolidated", "OFS": "separate", "until": "as of {}", "signed": "signed {}", "receipt": "receipt {}", "facts": "{:,} facts", "nil": "(nil)", "from": "{} to {}",
    },
}  # fmt: skip
_HEAD: Final[dict[Lang, tuple[str, ...]]] = {
    "ko": ("항목", "값", "단위", "기간", "기준", "줄과 자리"),
    "en": ("Concept", "Value", "Unit", "Period", "Basis", "Line and place"),
}
_LONGEST: Final = 360
#: The axis whose members are both the whole company: consolidated and separate.
_WHOLE: Final = frozenset({"ifrs-full:ConsolidatedAndSeparateFinancialStatementsAxis"})


def show(console: Console, reading: Reading, lang: Lang, *, every: bool) -> None:
    """Print one document: what it is, the auditor's words, the figures, and how much could not be used."""
    words = _WORDS[lang]
    about = [
        FORMATS[lang][reading.format],
        words["until"].format(month(reading.period_end, lang)) if reading.period_end else None,
        words["receipt"].format(reading.receipt_number) if reading.receipt_number else None,
        reading.file,
    ]
    names = [_line(name) for name in (reading.title, reading.company_name) if name]
    head = Text("  ".join(names), style="bold")
    head.append(("  " if names else "") + " · ".join(x for x in about if x), style="dim")
    console.print(head)
    if reading.audit is not None:
        _show_audit(console, reading, reading.audit, lang)
    facts = [fact for fact in reading.facts if every or _is_told(fact)]
    if facts:
        console.print(_table(facts, reading.file, lang))
    if others := len(reading.facts) - len(facts):
        console.print(Text(words["other"].format(others), style="dim"))
    if reading.faults:
        counts = Counter(fault.reason for fault in reading.faults)
        told = ", ".join(f"{meaning(reason, lang)} {n:,}" for reason, n in counts.most_common())
        console.print(Text(words["faults"].format(len(reading.faults), told), style="yellow"))
        for fault in reading.faults if every else []:
            line = f"  {meaning(fault.reason, lang)}: {_line(fault.detail)}  [{_place(fault.place, reading.file)}]"
            console.print(Text(line, style="dim"))


def encode(readings: Iterable[Reading], *, every: bool) -> Iterator[str]:
    """The JSON document in pieces, so that a file of thousands of documents needs the memory of one."""
    start, end = DocumentReadings(documents=[]).model_dump_json().split("[]")
    before = f"{start}[\n"  # with the first document: a file that cannot be read leaves no half of an answer
    for reading in readings:
        yield before + _document(reading, every=every).model_dump_json()
        before = ",\n"
    yield f"\n]{end}\n"


def _is_told(fact: DocumentFact) -> bool:
    """Whether a fact is one of ours and of the whole company, not of a segment or an owner."""
    return fact.concept is not None and all(axis in _WHOLE for axis, _ in fact.dimensions)


def _document(reading: Reading, *, every: bool) -> DocumentReading:
    facts = [fact for fact in reading.facts if every or _is_told(fact)]
    shown = asdict(replace(reading, facts=facts))
    return DocumentReading.model_validate({**shown, "other_facts": len(reading.facts) - len(facts)})


def _show_audit(console: Console, reading: Reading, audit: AuditReport, lang: Lang) -> None:
    words = _WORDS[lang]
    side = 0 if lang == "ko" else 1
    line = Text(f"{words['review' if audit.is_review else 'opinion']}: ", style="bold")
    line.append(word(audit.opinion, lang) if audit.opinion else words["none"])
    about = [
        audit.auditor,
        words["signed"].format(audit.signed_on) if audit.signed_on else None,
        STANDARDS[audit.standard][side] if audit.standard in STANDARDS else audit.standard,
        words[audit.basis] if audit.basis else None,
    ]
    if any(about):
        line.append(f"  ({', '.join(x for x in about if x)})", style="dim")
    console.print(line)
    _show_words(console, audit.opinion_words, reading.file)
    answer = {True: "yes", False: "no", None: "unknown"}[audit.is_going_concern]
    console.print(Text(f"{words['going']}: ", style="bold") + Text(words[answer], style="not bold"))
    _show_words(console, audit.going_concern_words, reading.file)


def _show_words(console: Console, passage: Passage | None, file: str) -> None:
    if passage is not None:
        console.print(
            Text(f"  “{_line(passage.text)}”  [{_place(passage.place, file)}]", style="dim")
        )


def _table(facts: list[DocumentFact], file: str, lang: Lang) -> Table:
    words = _WORDS[lang]
    drawn = Table(*_HEAD[lang], box=box.SIMPLE_HEAD)
    drawn.columns[1].justify = "right"
    for fact in facts:
        period = words["from"].format(fact.start, fact.end) if fact.start else str(fact.end or "")
        name = _name(fact, lang)
        if fact.dimensions:
            name += " [" + ", ".join(member for _, member in fact.dimensions) + "]"
        drawn.add_row(
            Text(name), Text(_value(fact, lang)), Text(fact.unit or ""), Text(period),
            Text(words.get(fact.basis or "", "")), Text(_place(fact.place, file)),
        )  # fmt: skip
    return drawn


def _name(fact: DocumentFact, lang: Lang) -> str:
    concept = load_concepts().get(fact.concept or "")
    if concept is None:
        return _line(fact.tag)
    return concept.ko if lang == "ko" else concept.en


def _value(fact: DocumentFact, lang: Lang) -> str:
    if fact.is_nil:
        return _WORDS[lang]["nil"]
    if fact.value is not None:
        return f"{fact.value:,f}".replace("-", "−")
    return _line(fact.text or "")


def _place(place: Place, file: str) -> str:
    """Line and path; the file's name only where it is not the one in the heading."""
    name = "" if place.file == file else place.file.rsplit("/", 1)[-1]
    where = ":".join(part for part in (name, str(place.line or "")) if part)
    return f"{where} {_line(place.path or '')}".strip() or place.file


def _line(text: str) -> str:
    """Words of a document on one line, cut where they run on, without control characters."""
    plain = "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"
