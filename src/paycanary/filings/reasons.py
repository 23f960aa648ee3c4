"""Why something could not be used: what each reason's code means, in Korean and in English.

Codes are what is stored and what programs compare; this is the one place of their meanings, for every door that shows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from paycanary.errors import Lang

#: Of rows and documents that were taken in: these may stand in the lake's table ``rejected``.
REJECTED: Final[dict[str, dict[Lang, str]]] = {
    "no_receipt_number": {"ko": "접수번호가 없어 언제 공개되었는지 알 수 없음", "en": "the row has no receipt number, so nothing says when it became public"},
    "bad_receipt_number": {"ko": "접수번호가 날짜로 시작하는 14자리 숫자가 아님", "en": "the receipt number is not 14 digits that start with a date"},
    "bad_date": {"ko": "없는 날짜이거나 읽을 수 없거나 있을 수 없는 날짜", "en": "a date that does not exist, cannot be read or cannot be"},
    "unpublished_month": {"ko": "국민연금 파일이 없는 달(2015-12 이전이거나 아직 오지 않은 달)", "en": "a month of which the pension register has no file: before 2015-12, or still to come"},
    "bad_number": {"ko": "숫자가 아님", "en": "not a number"},
    "no_company": {"ko": "어느 회사인지 적혀 있지 않음", "en": "the row names no company"},
    "no_business_number": {"ko": "사업자등록번호가 없거나 여섯 자리가 안 되어 어느 회사인지 알 수 없음", "en": "the row has no business number, or fewer than six digits of one: which company it is cannot be told"},
    "unknown_fiscal_month": {"ko": "이 회사의 결산월을 알 수 없음", "en": "nothing says in which month this company's fiscal year ends"},
    "unknown_term": {"ko": "어느 해에 대한 것인지 적혀 있지 않음", "en": "the row does not say which year it speaks of"},
    "unit_conflict": {
        "ko": "주당순이익과 주식 수에 견주어 천 배나 백만 배 차이가 남: 단위가 잘못됨",
        "en": "the figure is a thousand or a million times what earnings a share and the number of shares allow: its unit is wrong",
    },
    "impossible_count": {
        "ko": "월말 가입자와 그달 나간 사람을 더한 것보다 들어온 사람이 많음: 그 전 인원이 0보다 적어짐",
        "en": "more people joined than were insured at the month's end and left in it: there would have been fewer than none before",
    },
    "repeated_row": {"ko": "같은 행이 그달 파일에 또 있음", "en": "the same row stands in the month's file once more"},
    "bad_columns": {"ko": "칸 수가 머리글과 다름", "en": "the row has more or fewer fields than the header"},
    "not_collected": {"ko": "답을 받지 못했다고 파일에 적혀 있음", "en": "the file says that the answer could not be collected"},
    "does_not_add_up": {
        "ko": "자산이 부채와 자본의 합과 달라 그 재무상태표를 쓰지 않음",
        "en": "the document's assets are not its liabilities and equity, so none of that balance sheet is used",
    },
    "unknown_unit": {"ko": "금액의 단위가 적혀 있지 않음", "en": "nothing says in which unit the figure is given"},
    "unknown_period": {"ko": "어느 날이나 기간의 숫자인지 알 수 없음", "en": "nothing says of which day or period the figure is"},
    "unclear_sign": {
        "ko": "항목 이름은 손실인데 숫자에 부호가 있어 이익인지 손실인지 알 수 없음",
        "en": "the row's name says loss and its figure has a sign, and nothing says which of both is meant",
    },
    "unreadable_document": {"ko": "원문을 전혀 읽을 수 없음", "en": "the original document could not be read at all"},
    "two_amounts": {"ko": "한 기간에 서로 다른 금액이 둘", "en": "two different amounts stand in one period's columns"},
    "unknown_basis": {"ko": "연결인지 별도인지 알 수 없음", "en": "nothing says whether the figures are consolidated or separate"},
    "unknown_code": {"ko": "출처의 설명서에 없는 코드", "en": "a code that the source does not document"},
}  # fmt: skip

#: Of documents that are only read (``paycanary read``), or that cost no row when they are taken in.
READ: Final[dict[str, dict[Lang, str]]] = {
    "unclear_opinion": {"ko": "의견의 제목과 문장이 다름", "en": "heading and sentence of the opinion differ"},
    "opinion_on_schedule": {"ko": "재무제표가 아니라 부속명세서에 대한 의견", "en": "an opinion on a schedule, not on the statements"},
    "nothing_found": {"ko": "재무제표도 감사의견도 없음", "en": "neither statements nor an auditor's report"},
    "unknown_format": {"ko": "읽지 않는 형식", "en": "a format that is not read"},
    "encrypted": {"ko": "암호가 걸림", "en": "locked with a password"},
    "too_large": {"ko": "너무 큼", "en": "too large"},
    "broken_member": {"ko": "손상됨", "en": "broken"},
    "nested_too_deep": {"ko": "zip 안의 zip 이 너무 깊음", "en": "zips within zips too deep"},
    "bad_json": {"ko": "JSON 이 아님", "en": "not JSON"},
    "not_json": {"ko": "JSON 이 아님", "en": "not JSON"},
    "no_rows": {"ko": "재무제표 행이 없음", "en": "no statement rows"},
    "not_a_statement_row": {"ko": "재무제표 행이 아님", "en": "not a row of a statement"},
    "no_facts": {"ko": "사실이 하나도 없음", "en": "no facts in it"},
    "bad_fact": {"ko": "읽을 수 없는 사실", "en": "a fact that cannot be read"},
    "bad_value": {"ko": "읽을 수 없는 값", "en": "a value that cannot be read"},
    "bad_fraction": {"ko": "분자나 분모가 없는 분수", "en": "a fraction without numerator or denominator"},
    "no_name": {"ko": "항목 이름이 없음", "en": "a fact without a name"},
    "undeclared_prefix": {"ko": "선언되지 않은 이름 머리말", "en": "a prefix that is declared nowhere"},
    "unknown_context": {"ko": "가리키는 맥락(context)이 문서에 없음", "en": "its context is not in the document"},
    "bad_context": {"ko": "읽을 수 없는 맥락(context)", "en": "a context that cannot be read"},
    "no_period": {"ko": "맥락(context)에 기간이 없음", "en": "a context without a period"},
    "missing_continuation": {"ko": "이어지는 부분이 문서에 없음", "en": "its continuation is not in the document"},
    "continuation_cycle": {"ko": "이어지는 부분이 처음으로 되돌아옴", "en": "its continuation runs in a circle"},
    "too_much_text": {"ko": "이어 붙인 글이 너무 긺", "en": "too much text put together"},
    "too_deep": {"ko": "요소가 너무 깊이 겹침", "en": "elements nested too deep"},
    "more_faults": {"ko": "하나씩 적지 않은 것이 더 있음", "en": "more of them, not listed one by one"},
    "not_xml": {"ko": "XML 이 아님", "en": "not XML"},
    "not_well_formed": {"ko": "XML 의 짜임이 깨짐", "en": "XML that is not well-formed"},
    "bad_doctype": {"ko": "읽을 수 없는 문서 유형 선언(DOCTYPE)", "en": "a document type that cannot be read"},
    "external_entity": {"ko": "다른 파일을 끌어오는 엔티티: 따르지 않음", "en": "an entity that reaches for another file: not followed"},
    "entity_refused": {"ko": "펼치지 않는 엔티티", "en": "an entity that is not expanded"},
    "unknown_encoding": {"ko": "알 수 없는 문자 인코딩", "en": "a text encoding that is not known"},
    "bad_encoding": {"ko": "밝힌 문자 인코딩과 다른 글자", "en": "characters that are not of the stated encoding"},
}  # fmt: skip

_ALL: Final = REJECTED | READ


def meaning(code: str, lang: Lang) -> str:
    """What a reason's code means; a code of an earlier version that is here no more is given as it is."""
    return _ALL[code][lang] if code in _ALL else code
