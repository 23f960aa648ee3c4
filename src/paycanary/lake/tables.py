"""The tables of the lake: one declaration from which DDL, Delta schemas and the data dictionary are made.

Every table ends in the same provenance columns. ``published_on`` is when the world could know the row;
``fetched_at`` when paycanary took it in; ``row_id`` is 63 bits of the MD5 of all other columns but
``fetched_at``, so that taking the same row in twice adds nothing and a changed row is a new version.

Units: amounts in the currency's base unit (won), people as heads, shares as shares, dates as ISO days.
``company_id`` names a company within one register (``dart:00125974``, ``krx:001470``, ``nps:9f...``);
table ``links`` says which ids are the same company, how sure that is, and by which rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its DuckDB type, what it means, and where in the source it comes from."""

    name: str
    type: str
    meaning: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A stored table. ``sort`` orders rows on disk so that one company's rows lie together.

    ``derived`` tables are rebuilt whole from the others; all others only ever grow. In a ``register`` table the
    same entry stands again in every new document: it is kept as first seen. ``partition`` names the column by whose values
    files lie in folders (``month=2026-06``): it stands in no file, and a query that names its values opens those files only.
    ``staged`` tables are what loaders fill; the others are written by the refresh itself.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    sort: tuple[str, ...]
    derived: bool = False
    register: bool = False
    partition: str = ""
    staged: bool = True

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def nothing(self) -> str:
        """A query of no row, with all columns."""
        columns = ", ".join(f"CAST(NULL AS {c.type}) AS {c.name}" for c in self.columns)
        return f"SELECT {columns} LIMIT 0"

    @property
    def content(self) -> tuple[str, ...]:
        """Columns that come from the source: all but those that the refresh adds."""
        return tuple(
            n for n in self.column_names if n not in ("fetched_at", "row_id", "refresh_id")
        )

    @property
    def identity(self) -> tuple[str, ...]:
        """Columns that make a row what it is, so that the same row taken in again is the same row."""
        dropped = ("filing_id", "published_on") if self.register else ()
        return tuple(n for n in self.content if n not in dropped)


def numbered(rows: str, stamp: str, content: Iterable[str]) -> str:
    """A query of rows with the two columns that every table ends in: when they were taken in, and their number.

    Args:
        rows: a query of all other columns.
        stamp: the moment, ISO 8601.
        content: SQL of what makes a row what it is; what is not known counts as ``~``.
    """
    return f"SELECT *, TIMESTAMPTZ '{stamp}' AS fetched_at, {row_number(content)} AS row_id FROM ({rows})"


def row_number(content: Iterable[str]) -> str:
    """SQL of a row's ``row_id``; ``content`` as of `numbered`."""
    digest = ", ".join(f"coalesce(CAST({c} AS VARCHAR), '~')" for c in content)
    # The lower half of the MD5 less a bit: md5_number_lower says the same and costs four times as much.
    return f"CAST(md5_number(concat_ws('|', {digest})) >> 65 AS BIGINT)"


_PROVENANCE: Final = (
    Column("source", "VARCHAR", "register the row came from", "opendart, nps, krx"),
    Column("filing_id", "VARCHAR", "document or data set, as its register numbers it", "DART: rcept_no"),
    Column("published_on", "DATE", "day from which the world could know this row", "DART: rcept_no[:8]"),
    Column("fetched_at", "TIMESTAMPTZ", "when paycanary took the row in (UTC)"),
    Column("row_id", "BIGINT", "63 bits of the MD5 of the row's content"),
)  # fmt: skip

_COMPANY = Column(
    "company_id", "VARCHAR", "company within its register: dart:CORP_CODE, krx:STOCK_CODE, nps:HASH"
)


def _table(
    name: str,
    meaning: str,
    *columns: Column,
    sort: tuple[str, ...] = ("company_id",),
    derived: bool = False,
    register: bool = False,
    partition: str = "",
    staged: bool = True,
) -> Table:
    own = (_COMPANY, *columns, *_PROVENANCE)
    return Table(name, meaning, own, sort, derived, register, partition, staged and not derived)


COMPANIES: Final = _table(
    "companies",
    "what each register says a company is",
    Column("name", "VARCHAR", "name as registered", "corp_name / 회사명 / 사업장명"),
    Column("name_en", "VARCHAR", "English name", "corpCode.xml corp_eng_name"),
    Column("corp_code", "VARCHAR", "DART corp code, 8 digits", "corp_code"),
    Column("stock_code", "VARCHAR", "stock code, 6 characters", "stock_code / 종목코드"),
    Column("corporation_number", "VARCHAR", "corporation register number 법인등록번호, 13 digits", "jurir_no"),
    Column("business_number", "VARCHAR", "business number: 10 digits, or the first 6 in pension data", "bizr_no / 사업자등록번호"),
    Column("market", "VARCHAR", "KOSPI, KOSDAQ, KONEX or NULL", "시장구분"),
    Column("industry", "VARCHAR", "industry name as the register gives it", "업종 / 사업장업종코드명"),
    Column("region", "VARCHAR", "province-level region", "지역 / 시도"),
    Column("fiscal_month", "INTEGER", "month in which the fiscal year ends, 1-12", "결산월 / stlm_dt"),
    Column("listed_on", "DATE", "first day of listing", "상장일"),
    register=True,
)  # fmt: skip

NAMES: Final = _table(
    "names",
    "every name by which a company can be found",
    Column("name", "VARCHAR", "name as written in the register"),
    Column("kind", "VARCHAR", "official, english, stock, workplace or former"),
    Column("key", "VARCHAR", "name without legal form, blanks, punctuation and case: see lake/sql/names.sql"),
    Column("initials", "VARCHAR", "initial consonants of the key: 삼부토건 -> ㅅㅂㅌㄱ"),
    Column("jamo", "VARCHAR", "key taken apart into consonants and vowels, for typos"),
    register=True,
)  # fmt: skip

LINKS: Final = _table(
    "links",
    "which register ids are one company: company_id is the register's id, canonical_id the company's",
    Column("canonical_id", "VARCHAR", "the company this id belongs to (a dart: id where there is one)"),
    Column("confidence", "DOUBLE", "0 to 1; 1 = same official number on both sides"),
    Column("rule", "VARCHAR", "which rule matched: self, stock_code, name_and_business_number, unique_name ..."),
    derived=True,
)  # fmt: skip

FILINGS: Final = _table(
    "filings",
    "dated public documents",
    Column("form", "VARCHAR", "annual, half_year, quarter_1, quarter_3, monthly, list (a public list read whole), search (a register asked about one company) or other", "reprt_code"),
    Column("period_end", "DATE", "last day of the period reported on", "stlm_dt"),
    Column("url", "VARCHAR", "where a person can read it"),
)  # fmt: skip

FACTS: Final = _table(
    "facts",
    "company x concept x period -> value",
    Column("concept", "VARCHAR", "IFRS-named concept, see docs/reference/concepts.md", "account_id, account_nm"),
    Column("basis", "VARCHAR", "CFS consolidated, OFS separate, NULL where the difference does not exist", "fs_div"),
    Column("period_end", "DATE", "last day of the period, or the day of a balance"),
    Column("months", "INTEGER", "length of the period ending then; 0 = a balance on that day"),
    Column("value", "DOUBLE", "the figure in base units"),
    Column("unit", "VARCHAR", "ISO 4217 currency, or persons, shares, ratio", "currency"),
    Column("lag", "INTEGER", "0 current, 1 prior, 2 two periods before, as the filing showed it", "thstrm/frmtrm/bfefrmtrm"),
    sort=("company_id", "concept", "period_end"),
)  # fmt: skip

HEADCOUNTS: Final = _table(
    "headcounts",
    "workplace x month of pension data, and the periodic count of a listed company",
    Column("kind", "VARCHAR", "workplace (pension) or listed (periodic report)"),
    Column("workplace", "VARCHAR", "workplace name as published; NULL for a listed company", "사업장명"),
    Column("period_end", "DATE", "last day of the month", "자료생성년월 / stlm_dt"),
    Column("headcount", "INTEGER", "insured people, or employees", "가입자수 / sm"),
    Column("joiners", "INTEGER", "newly insured in the month", "신규취득자수"),
    Column("leavers", "INTEGER", "no longer insured in the month", "상실가입자수"),
    Column("billed", "DOUBLE", "pension contribution billed for the month, won", "당월고지금액"),
    Column("income_per_head", "DOUBLE", "monthly income per insured head estimated from the bill, won; a floor when capped"),
    Column("is_income_capped", "BOOLEAN", "the estimate is within 2 % of the contribution ceiling or above"),
    Column("payroll", "DOUBLE", "pay of the fiscal year to date, won", "fyer_salary_totamt"),
    Column("regular", "INTEGER", "regular employees", "rgllbr_co"),
    Column("contract", "INTEGER", "fixed-term employees", "cnttk_co"),
    Column("status", "VARCHAR", "registered or withdrawn", "사업장가입상태코드"),
    Column("is_site", "BOOLEAN", "a construction-site or day-labour row: not counted as the company's staff"),
    Column("industry_code", "VARCHAR", "tax-office industry code", "사업장업종코드"),
    Column("industry", "VARCHAR", "industry name", "사업장업종코드명"),
    Column("region", "VARCHAR", "province-level region", "고객법정동주소코드 / sido"),
    Column("withdrawn_on", "DATE", "day the workplace left the scheme", "탈퇴일자"),
    sort=("company_id", "period_end"),
)  # fmt: skip

_WORKPLACE: Final = (
    Column("workplace", "VARCHAR", "workplace name as published", "사업장명"),
    Column("period_end", "DATE", "last day of the month", "자료생성년월"),
    Column("headcount", "INTEGER", "insured people", "가입자수"),
    Column("joiners", "INTEGER", "newly insured in the month", "신규취득자수"),
    Column("leavers", "INTEGER", "no longer insured in the month", "상실가입자수"),
    Column("billed", "DOUBLE", "pension contribution billed for the month, won", "당월고지금액"),
    Column("income_per_head", "DOUBLE", "monthly income per insured head estimated from the bill, won; a floor when capped"),
    Column("is_income_capped", "BOOLEAN", "the estimate is within 2 % of the contribution ceiling or above"),
    Column("status", "VARCHAR", "registered or withdrawn", "사업장가입상태코드"),
    Column("is_site", "BOOLEAN", "a construction-site or day-labour row: not counted as the company's staff"),
    Column("industry_code", "VARCHAR", "tax-office industry code", "사업장업종코드"),
    Column("industry", "VARCHAR", "industry name", "사업장업종코드명"),
    Column("region", "VARCHAR", "province-level region", "고객법정동주소코드"),
    Column("withdrawn_on", "DATE", "day the workplace left the scheme", "탈퇴일자"),
)  # fmt: skip

WORKPLACE_MONTHS: Final = _table(
    "workplace_months",
    "workplace x month of whole pension months: every workplace of the country. A month that was published again is kept in each reading",
    *_WORKPLACE,
    Column(
        "business_number", "VARCHAR", "first six digits of the business number", "사업자등록번호"
    ),
    Column("enrolled_on", "DATE", "day the workplace entered the scheme", "적용일자"),
    Column("month", "VARCHAR", "YYYY-MM: the folder that the month's files lie in", "자료생성년월"),
    sort=("company_id", "workplace"),
    register=True,
    partition="month",
    staged=False,
)

WORKPLACE_HISTORY: Final = _table(
    "workplace_history",
    "the same rows as workplace_months up to a month, laid out so that one company's whole history is found at once",
    *_WORKPLACE,
    Column(
        "bucket",
        "VARCHAR",
        "first two letters of the company's hash: the folder that its rows lie in",
    ),
    sort=("company_id", "period_end"),
    register=True,
    partition="bucket",
    derived=True,
)

COMPANY_MONTHS: Final = _table(
    "company_months",
    "company x month of whole pension months, summed over its workplaces but for construction sites; a row for every company of the month. ``row_id`` is that of one of the workplaces summed",
    Column("period_end", "DATE", "last day of the month", "자료생성년월"),
    Column("workplaces", "INTEGER", "how many are summed; 0: construction sites alone"),
    Column("headcount", "INTEGER", "insured people", "가입자수"),
    Column("joiners", "INTEGER", "newly insured in the month; NULL unless every workplace states them", "신규취득자수"),
    Column("leavers", "INTEGER", "no longer insured in the month; NULL unless every workplace states them", "상실가입자수"),
    Column("left_by_withdrawal", "INTEGER", "leavers of workplaces that left the scheme in the month"),
    Column("billed", "DOUBLE", "pension contribution billed for the month, won", "당월고지금액"),
    Column("income_per_head", "DOUBLE", "mean of the workplaces' estimates, weighed by their people, won a month"),
    Column("income_heads", "INTEGER", "insured people of workplaces with an estimate"),
    Column("is_income_capped", "BOOLEAN", "an estimate is within 2 % of the contribution ceiling or above"),
    Column("industry", "VARCHAR", "industry name: the last in order of all workplaces', sites among them", "사업장업종코드명"),
    Column("largest", "INTEGER", "insured people of the largest workplace", "가입자수"),
    Column("industry_code", "VARCHAR", "tax-office industry code of the largest workplace", "사업장업종코드"),
    Column("region", "VARCHAR", "province-level region of the largest workplace", "고객법정동주소코드"),
    Column("month", "VARCHAR", "YYYY-MM: the folder that the month's files lie in", "자료생성년월"),
    partition="month",
    staged=False,
)  # fmt: skip

PENSION_READINGS: Final = _table(
    "pension_readings",
    "whole pension months taken in; of a month's readings the newest one known on a day counts",
    Column("period_end", "DATE", "last day of the month", "자료생성년월"),
    Column("workplaces", "BIGINT", "rows kept"),
    Column(
        "digest",
        "VARCHAR",
        "digest of the rows, whatever their order: tells a correction from the same month again",
    ),
    Column("file", "VARCHAR", "file name, without its folder"),
    sort=("period_end",),
    staged=False,
)

HISTORY_READINGS: Final = _table(
    "history_readings",
    "readings whose rows workplace_history holds; those of later readings are found in workplace_months",
    Column("period_end", "DATE", "last day of the month"),
    sort=("period_end",),
    derived=True,
)

PENSION_MOVES: Final = _table(
    "pension_moves",
    "workplaces that many people left in a month in which about as many joined another company's: perhaps the same people",
    Column("workplace", "VARCHAR", "the workplace that was left", "사업장명"),
    Column("period_end", "DATE", "last day of the month", "자료생성년월"),
    Column("leavers", "INTEGER", "no longer insured there in the month", "상실가입자수"),
    Column("other_id", "VARCHAR", "the other company: nps:HASH"),
    Column("other_workplace", "VARCHAR", "its workplace", "사업장명"),
    Column("joiners", "INTEGER", "newly insured there in the month", "신규취득자수"),
    Column(
        "candidates",
        "INTEGER",
        "how many workplaces of others were alike: of many one is there by chance",
    ),
    staged=False,
)

PENSION_RENAMES: Final = _table(
    "pension_renames",
    "companies of whole pension months that go on under another name: company_id is the earlier one's",
    Column("other_id", "VARCHAR", "the company by its new name: nps:HASH"),
    Column("period_end", "DATE", "last day of the first month under the new name", "자료생성년월"),
    staged=False,
)

PEER_GROUPS: Final = _table(
    "peer_groups",
    "percentiles of how companies of a trade, province and size fared: of each state of the pension register, its newest month and the twelve before",
    Column("period_end", "DATE", "last day of the newest month", "자료생성년월"),
    Column("months", "INTEGER", "months compared: 1, 3, 6 or 12"),
    Column(
        "peers",
        "VARCHAR",
        "the group: first two digits of the industry code, province, and least people when the months began, between bars",
    ),
    Column("likeness", "VARCHAR", "what its companies share: industry_region, industry or size"),
    Column("companies", "INTEGER", "how many they are: 30 or more"),
    Column("metric", "VARCHAR", "change (of headcount, percent) or exit_rate (leavers per 100 insured at a month's beginning)"),
    Column("percentile", "INTEGER", "so many of 100 companies have at most this value"),
    Column("value", "DOUBLE", "the value"),
    Column("readings", "VARCHAR", "digest of the readings of the months: which state this is"),
    Column("month", "VARCHAR", "YYYY-MM: the folder that the rows lie in"),
    sort=("peers", "months", "metric", "percentile"),
    partition="month",
    staged=False,
)  # fmt: skip

WORKPLACE_NAMES: Final = _table(
    "workplace_names",
    "how the names of workplaces were read, so that a month's names need not be taken apart again",
    Column(
        "name_hash",
        "BIGINT",
        "63 bits of the MD5 of the name as published: the name itself may hold a person's",
    ),
    Column("name", "VARCHAR", "the company's part of the name"),
    Column("key", "VARCHAR", "the company's part without legal form, blanks, punctuation and case"),
    Column("workplace", "VARCHAR", "the name as published, less a person's name"),
    Column("is_site", "BOOLEAN", "a construction site or its day labourers"),
    Column(
        "rules",
        "VARCHAR",
        "digest of the rules by which names were read: rows of other rules are not used",
    ),
    sort=("name_hash",),
    staged=False,
)

OPINIONS: Final = _table(
    "opinions",
    "auditors' opinions, with the paragraphs beside them",
    Column("period_end", "DATE", "end of the fiscal period audited or reviewed"),
    Column("is_annual", "BOOLEAN", "an audit of a full year; false = an interim review"),
    Column("lag", "INTEGER", "0 current, 1 prior, 2 two years before, as the filing showed it", "bsns_year 당기/전기/전전기"),
    Column("opinion", "VARCHAR", "disclaimer, adverse, qualified, unqualified, or none when the text names none", "adt_opinion"),
    Column("opinion_text", "VARCHAR", "opinion as written, or the words around it where it is a long text", "adt_opinion"),
    Column("is_going_concern", "BOOLEAN", "the text names material uncertainty about going concern"),
    Column("emphasis", "VARCHAR", "the words about going concern, cut at the sentence; whole paragraphs are not kept: they name people", "emphs_matter, adt_reprt_spcmnt_matter"),
    Column("auditor", "VARCHAR", "audit firm", "adtor"),
    sort=("company_id", "period_end"),
)  # fmt: skip

AUDITOR_WORDS: Final = _table(
    "auditor_words",
    "kinds of statement that auditors make beside their opinion, as the reader of words found them",
    Column("period_end", "DATE", "end of the fiscal period audited or reviewed"),
    Column("is_annual", "BOOLEAN", "an audit of a full year; false = an interim review"),
    Column("kind", "VARCHAR", "going_concern, scope_limitation, restatement, litigation, delisting_risk, related_party, rescue, unpaid_wages, job_cuts, or none"),
    Column("confidence", "DOUBLE", "probability that the paragraph makes the statement; NULL at none"),
    Column("sentence", "VARCHAR", "the sentence that decided, at most 300 characters, names of persons masked; whole paragraphs are not kept", "emphs_matter, adt_reprt_spcmnt_matter"),
    Column("model", "VARCHAR", "version of the reader; NULL where nothing was written"),
    sort=("company_id", "period_end"),
)  # fmt: skip

CAPITAL_CHANGES: Final = _table(
    "capital_changes",
    "share issues, conversions and capital reductions",
    Column("changed_on", "DATE", "day of issue or reduction", "isu_dcrs_de"),
    Column("form", "VARCHAR", "form as written", "isu_dcrs_stle"),
    Column("category", "VARCHAR", "paid_in, conversion, warrant, option, bonus, split, debt_to_equity, in_kind, redemption, reduction, other"),
    Column("stock_kind", "VARCHAR", "kind of shares", "isu_dcrs_stock_knd"),
    Column("shares", "DOUBLE", "number of shares", "isu_dcrs_qy"),
    Column("par_value", "DOUBLE", "par value a share, won", "isu_dcrs_mstvdv_fval_amount"),
    Column("price", "DOUBLE", "price a share, won", "isu_dcrs_mstvdv_amount"),
    Column("proceeds", "DOUBLE", "shares x price where money came in (paid_in, conversion, warrant, option), else NULL"),
    sort=("company_id", "changed_on"),
)  # fmt: skip

NOTICES: Final = _table(
    "notices",
    "dated entries of public lists",
    Column("kind", "VARCHAR", "delisting, administrative_issue, wage_arrears, social_insurance_arrears, tax_arrears, tips and what other registers note"),
    Column("event_on", "DATE", "day of the event itself"),
    Column("expires_on", "DATE", "day from which the entry may no longer be shown; NULL = stays public"),
    Column("category", "VARCHAR", "class of the reason: distress, merger, transfer, voluntary, expiry, other"),
    Column("detail", "VARCHAR", "reason as published", "Reason"),
    Column("amount", "DOUBLE", "amount, won"),
    sort=("company_id", "event_on"),
)  # fmt: skip

REJECTED: Final = _table(
    "rejected",
    "rows that could not be used, kept with the reason",
    Column("refresh_id", "VARCHAR", "refresh that met the row"),
    Column("file", "VARCHAR", "file name, without its folder"),
    Column("row_number", "BIGINT", "1-based data row in the file; NULL where a file has no rows"),
    Column("reason", "VARCHAR", "reason code: see docs/reference/data-dictionary.md"),
    Column("raw", "VARCHAR", "the row as JSON, cut at 2,000 characters, without columns that may name a person"),
    sort=("file",),
)  # fmt: skip

TABLES: Final[dict[str, Table]] = {
    table.name: table
    for table in (
        COMPANIES, NAMES, LINKS, FILINGS, FACTS, HEADCOUNTS, WORKPLACE_MONTHS, WORKPLACE_HISTORY, COMPANY_MONTHS, PENSION_READINGS, HISTORY_READINGS, PENSION_MOVES, PENSION_RENAMES, PEER_GROUPS, WORKPLACE_NAMES, OPINIONS, AUDITOR_WORDS, CAPITAL_CHANGES, NOTICES, REJECTED,
    )
}  # fmt: skip
