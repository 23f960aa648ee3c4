"""Which ids of different registers are one company, how sure that is, and by which rule.

Official numbers link registers for certain. Pension data carries only a name and six digits of the business
number, so a workplace is matched by name, and a wrong match would accuse a company of another's trouble. Rules,
surest first; "name" is the key of ``name_key``, "sound" is the name with Latin letters spelled as Koreans say them
(``name_latin``), so that HMM and 에이치엠엠 meet:

=================================  ==========  =====================================================================
rule                               confidence  when
=================================  ==========  =====================================================================
self                               1.0         the id is the company's own
stock_code                         1.0         exchange entry and DART entry with the same stock code
corp_code                          1.0         the FSC's entry names the DART code
corporation_number                 1.0         two registers' entries with the same 13-digit corporation number
business_number                    1.0         the same with all ten digits of the business number
name_and_business_number           0.99        same name, and DART's business number begins with the six digits
sound_and_business_number          0.97        the same by sound
renamed                            0.95        a company of the pension register under an earlier name: renames.sql
unique_name_and_region             0.9         one registered company and one workplace company of that sound, same region
unique_sound_and_region            0.85        the same by sound
unique_listed_name                 0.85        several share the name, but one only is listed now; the workplace is in its
                                               region, the largest of that name there, and insures 50 people or more
unique_listed_sound                0.8         the same by sound
large_workplace                    0.8         one registered company of that sound; the workplace insures 300 or more
unique_name                        0.8         unique on both sides, region of the registered company not known, and the
                                               workplace insures 10 people or more
candidate_small_workplace          0.7         the same with fewer than 10 people, or no count
candidate_sound                    0.7         unique on both sides by sound only, region not known
candidate_name_other_region        0.6         unique on both sides, but in different regions
candidate_other_business_number    0.4         same name, but DART's business number begins otherwise
candidate_shared_name              0.4         the name belongs to several; left out when more than five share it
candidate_list_name                0.4-0.6     an entry of a public list (arrears, TIPS) bears the name and no number: 0.6 in the
                                               same province, 0.5 where none is known, 0.4 in another
candidate_list_shared_name         0.3         the same where more than five companies share the name: the list holds it, and
                                               so nobody may be told that it does not
=================================  ==========  =====================================================================

Why region decides: measured on the listed companies of 2026-06 whose name a pension workplace bears, 173 of 193 with
the same region have a headcount within half to one and a half of the periodic report's (the rest are branches or
partly insured), but 10 of 14 with another region are namesakes with a handful of people (에스엘: 4 insured against
5,171 employees). Why 300 people in any region: a company of that size is audited, so it stands in DART's register itself;
a second one of the same name would stand there too. Plants and branches come in this way (삼성중공업 in 경남). Why ten people where no region is known: companies in DART's register are seldom smaller, and a
workplace of three called 동서식품 is not the coffee maker. Why listed alone does not decide: 392 of 2,664 listed companies have a namesake in DART's register.

Uniqueness is counted by sound, so that a company written 'SM' keeps '에스엠' from being unique. Candidates are stored
but not followed: the workplace stays a company of its own, and a door may say "perhaps also".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paycanary.lake import renames
from paycanary.lake.tables import LINKS
from paycanary.resources import read_text
from paycanary.sources.names import create_macros

if TYPE_CHECKING:
    import duckdb

#: Links at or above this are followed in a verdict; each company_id has exactly one such row in ``links``.
#: 0.8: below it stand the rules that met more wrong companies than right ones above, or that nothing could check.
LINK_THRESHOLD: Final = 0.8

#: Registers of entries that bear a name only (their ids are ``<register>:<hash of name and province>``): never companies of their own.
NAME_LISTS: Final = ("moel", "tax", "nhis", "tips")
#: The rules by which such an entry may be about a company: one of a few of its name, or one of many.
LIST_RULE: Final = "candidate_list_name"
SHARED_LIST_RULE: Final = "candidate_list_shared_name"


def build_links(con: duckdb.DuckDBPyConnection, before: str = "", changed: str = "") -> None:
    """Make temp table ``new_links`` and temp view ``link_kept``: every id of ``companies`` and ``names`` stands in one of both.

    ``new_links`` has the content columns of ``links``; ``link_kept`` has rows of ``before`` that a new look would make again as they are.

    Args:
        con: connection with views ``companies``, ``names``, ``all_headcounts`` and ``pension_renames`` (any of them may be empty).
        before: a query of the links as they were made last; none: every link is made.
        changed: a query of ids about which more is known than then.

    A link is dated by the day from which both sides were public. ``confidence`` is 0 to 1.

    """
    create_macros(con)
    lists = ", ".join(f"'{name}'" for name in NAME_LISTS)
    everyone = "SELECT company_id FROM companies UNION SELECT company_id FROM names"
    values = {
        "threshold": str(LINK_THRESHOLD), "lists": lists, "list_rule": LIST_RULE, "shared_list_rule": SHARED_LIST_RULE,
        "before": before or LINKS.nothing, "changed": changed if before else everyone, "renamed": renames.newest_ids(),
    }  # fmt: skip
    for step in ("links", "links_renamed", "links_lists"):
        if step == "links_lists" and not con.execute(f"SELECT 1 FROM link_entries WHERE split_part(company_id, ':', 1) IN ({lists}) LIMIT 1").fetchall():  # fmt: skip
            break  # looking for what no list names would read every name
        sql = read_text("lake", "sql", f"{step}.sql")
        for name, value in values.items():
            sql = sql.replace(f"{{{name}}}", value)
        con.execute(sql)
