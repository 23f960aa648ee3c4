"""DART's original documents: periodic reports and the audit reports of companies that are not listed.

The XML that OpenDART's ``document.xml`` answers in a ZIP -> facts and the auditor's words (`paycanary.filings.reading`). Of a
document are read: balance sheet, income statement, cash flow statement, and the auditor's report. Names of people that stand
beside them (representatives, partners) are not.
"""

from __future__ import annotations

import re
from typing import Final

from paycanary.filings.dart_document import checks
from paycanary.filings.dart_document.markup import decode, parse
from paycanary.filings.dart_document.opinion import AuditReader
from paycanary.filings.dart_document.statements import Reader
from paycanary.filings.reading import Fault, Place, Reading

#: Bytes of one document at most: the longest known has 6 MB.
MOST_BYTES: Final = 64 * 2**20
#: Facts and faults of one document at most: the longest known has a thousand.
MOST_FACTS: Final = 200_000
_HEAD: Final = 4096
_ROOT: Final = re.compile(r"<DOCUMENT(?:-NAME)?[\s>]", re.IGNORECASE)
#: A full submission to the SEC begins alike.
_SEC: Final = re.compile(r"<TYPE>|<SEC-DOCUMENT", re.IGNORECASE)
_RECEIPT: Final = re.compile(r"(?<!\d)(\d{14})(?:_\d{5})?\.(?:xml|zip)$", re.IGNORECASE)
#: A document of an auditing firm about itself carries the firm's name as the company's.
_IS_FIRM: Final = re.compile(r"회계법인$|감사반$")


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is a DART document."""
    text = decode(head[:_HEAD])
    return _ROOT.search(text) is not None and _SEC.search(text) is None


def read(raw: bytes, member: str) -> Reading:
    """Read one document.

    Args:
        raw: its bytes, at most ``MOST_BYTES``.
        member: its name, with the archive's members before it where it came from one; places cite it.

    Returns:
        What it says; what could not be used is a fault of it.
    """
    document = parse(decode(raw))
    audit_reader = AuditReader(document, member)
    is_periodic = document.name_code.startswith("110") or bool(re.search(r"(?:사업|반기|분기)보고서", document.name))  # fmt: skip
    audit = None if is_periodic else audit_reader.read()
    statements = Reader(document, member)
    statements.read()
    reading = Reading(
        file=member,
        format="dart_document",
        facts=statements.facts[:MOST_FACTS],
        audit=audit,
        faults=[*statements.faults, *audit_reader.faults][:MOST_FACTS],
        company_number=document.company_code or None,
        title=document.name or None,
    )
    reading.faults += checks.unbalanced(reading.facts).values()
    names = (document.company, statements.company, audit_reader.company)
    reading.company_name = next((n for n in names if n and not _IS_FIRM.search(n)), None)
    if match := _RECEIPT.search(member):
        reading.receipt_number = match[1]
    ends = [fact.end for fact in reading.facts if fact.end is not None]
    reading.period_end = max(ends) if ends else (audit.period_end if audit else None)
    if not reading.facts and not reading.faults and audit is None:
        reading.faults.append(Fault("nothing_found", document.name or "DOCUMENT", Place(member)))
    return reading
