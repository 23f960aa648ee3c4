"""Small made documents in XBRL for tests and the fuzzer. No company and no person of them exists."""

from __future__ import annotations

from typing import Final

NAMESPACES: Final = (
    'xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL" '
    'xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:xbrldi="http://xbrl.org/2006/xbrldi" '
    'xmlns:iso4217="http://www.xbrl.org/2003/iso4217" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:ixt="http://www.xbrl.org/inlineXBRL/transformation/2015-02-26" '
    'xmlns:ixt4="http://www.xbrl.org/inlineXBRL/transformation/2020-02-12" '
    'xmlns:ixt-sec="http://www.sec.gov/inlineXBRL/transformation/2015-08-31" '
    'xmlns:bus="http://xbrl.frc.org.uk/cd/2021-01-01/business" xmlns:d="http://xbrl.frc.org.uk/fr/2021-01-01/core" '
    'xmlns:us-gaap="http://fasb.org/us-gaap/2023" xmlns:dei="http://xbrl.sec.gov/dei/2023"'
)
RESOURCES: Final = """<ix:resources>
<xbrli:context id="now"><xbrli:entity><xbrli:identifier scheme="http://www.companieshouse.gov.uk/">01234567</xbrli:identifier>
</xbrli:entity><xbrli:period><xbrli:instant>2023-12-31</xbrli:instant></xbrli:period></xbrli:context>
<xbrli:context id="year"><xbrli:entity><xbrli:identifier scheme="http://www.companieshouse.gov.uk/">01234567</xbrli:identifier>
</xbrli:entity><xbrli:period><xbrli:startDate>2023-01-01</xbrli:startDate><xbrli:endDate>2023-12-31</xbrli:endDate>
</xbrli:period></xbrli:context>
<xbrli:context id="group"><xbrli:entity><xbrli:identifier scheme="http://www.companieshouse.gov.uk/">01234567</xbrli:identifier>
<xbrli:segment><xbrldi:explicitMember dimension="bus:GroupCompanyDataDimension">bus:Consolidated</xbrldi:explicitMember>
<xbrldi:typedMember dimension="d:Named"><d:Name>East &amp; West</d:Name></xbrldi:typedMember></xbrli:segment>
</xbrli:entity><xbrli:period><xbrli:instant>2023-12-31</xbrli:instant></xbrli:period></xbrli:context>
<xbrli:unit id="GBP"><xbrli:measure>iso4217:GBP</xbrli:measure></xbrli:unit>
<xbrli:unit id="shares"><xbrli:measure>xbrli:shares</xbrli:measure></xbrli:unit>
<xbrli:unit id="each"><xbrli:divide><xbrli:unitNumerator><xbrli:measure>iso4217:GBP</xbrli:measure></xbrli:unitNumerator>
<xbrli:unitDenominator><xbrli:measure>xbrli:shares</xbrli:measure></xbrli:unitDenominator></xbrli:divide></xbrli:unit>
</ix:resources>"""


def page(
    body: str, *, hidden: str = "", namespaces: str = NAMESPACES, resources: str = RESOURCES
) -> bytes:
    """An inline page around some tagged words; the contexts ``now``, ``year``, ``group``, the units GBP, shares, each."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<html {namespaces}><head><title>Made</title></head><body>'
        f'<div style="display:none"><ix:header><ix:hidden>{hidden}</ix:hidden>{resources}</ix:header></div>\n'
        f"{body}\n</body></html>"
    ).encode()


def figure(
    digits: str, *, name: str = "d:Equity", context: str = "now", unit: str = "GBP", **more: str
) -> str:
    """One tagged figure; further attributes by name, ``nil`` as ``xsi:nil``."""
    rest = "".join(
        f' {"xsi:nil" if key == "nil" else key}="{value}"' for key, value in more.items()
    )
    return f'<ix:nonFraction name="{name}" contextRef="{context}" unitRef="{unit}" decimals="0"{rest}>{digits}</ix:nonFraction>'


def words(text: str, *, name: str = "bus:Description", context: str = "year", **more: str) -> str:
    """One tagged piece of text."""
    rest = "".join(
        f' {"xsi:nil" if key == "nil" else key}="{value}"' for key, value in more.items()
    )
    return f'<ix:nonNumeric name="{name}" contextRef="{context}"{rest}>{text}</ix:nonNumeric>'


EVERYTHING: Final = page(
    f"<p>Equity {figure('1,234', format='ixt:numdotdecimal', scale='3', sign='-')} and "
    f"{figure('—', format='ixt:zerodash', name='d:Debtors')} of "
    f"{words('Made <b>Works</b> Limited', name='bus:EntityCurrentLegalOrRegisteredName')}, "
    f"{words('31 December 2023', name='bus:EndDateForPeriodCoveredByReport', format='ixt:datedaymonthyearen')}</p>"
    f"{words('A note<ix:exclude> page 3</ix:exclude> that goes', continuedAt='c1', escape='true')}"
    '<ix:continuation id="c1" continuedAt="c2"> on</ix:continuation><p><ix:continuation id="c2"> and ends.</ix:continuation></p>'
    f"{figure('', nil='true', name='d:Creditors')}"
    '<ix:fraction name="d:Part" contextRef="now" unitRef="shares"><ix:numerator>1</ix:numerator>/<ix:denominator>8</ix:denominator></ix:fraction>'
    f"{figure(figure('12', name='d:Inner'), name='d:Outer')}",
    hidden=words("three-year", name="us-gaap:Term", format="ixt-sec:durwordsen"),
)
DEFAULTED: Final = b"""<html xmlns="http://www.w3.org/1999/xhtml"><body>
<header xmlns="http://www.xbrl.org/2013/inlineXBRL"><resources>
<context xmlns="http://www.xbrl.org/2003/instance" id="now"><entity><identifier scheme="s">7</identifier></entity>
<period><instant>2023-12-31</instant></period></context>
<unit xmlns="http://www.xbrl.org/2003/instance" id="GBP"><measure xmlns:i="http://www.xbrl.org/2003/iso4217">i:GBP</measure></unit>
</resources></header><p xmlns:core="http://xbrl.frc.org.uk/fr/2021-01-01/core">
<nonFraction xmlns="http://www.xbrl.org/2013/inlineXBRL" name="core:Equity" contextRef="now" unitRef="GBP" decimals="0">5</nonFraction>
</p></body></html>"""

INSTANCE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<xbrl xmlns="http://www.xbrl.org/2003/instance" xmlns:ifrs-full="http://xbrl.ifrs.org/taxonomy/2019-03-27/ifrs-full"
 xmlns:dart="http://dart.fss.or.kr/taxonomy/2019-10-01/ifrs/dart" xmlns:dart-gcd="http://dart.fss.or.kr/taxonomy/2019-10-01/ifrs/dart-gcd"
 xmlns:xbrldi="http://xbrl.org/2006/xbrldi" xmlns:iso4217="http://www.xbrl.org/2003/iso4217"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<context id="c"><entity><identifier scheme="http://dart.fss.or.kr/ifrs/CIK">00999999</identifier></entity>
<period><startDate>2021-01-01</startDate><endDate>2021-12-31</endDate></period>
<scenario><xbrldi:explicitMember dimension="ifrs-full:ConsolidatedAndSeparateFinancialStatementsAxis">ifrs-full:ConsolidatedMember</xbrldi:explicitMember></scenario></context>
<context id="t"><entity><identifier scheme="http://dart.fss.or.kr/ifrs/CIK">00999999</identifier></entity>
<period><instant>2022-01-01T00:00:00</instant></period></context>
<unit id="KRW"><measure>iso4217:KRW</measure></unit>
<ifrs-full:Revenue contextRef="c" unitRef="KRW" decimals="-6">1234000000</ifrs-full:Revenue>
<dart:OperatingIncomeLoss contextRef="c" unitRef="KRW" decimals="-6">-5.5E7</dart:OperatingIncomeLoss>
<ifrs-full:Assets contextRef="t" unitRef="KRW" xsi:nil="true"/>
<dart-gcd:EntityRegistrantName contextRef="c" xml:lang="en">Made Works</dart-gcd:EntityRegistrantName>
<dart-gcd:EntityRegistrantName contextRef="c" xml:lang="ko">지어낸회사</dart-gcd:EntityRegistrantName>
<dart-gcd:AuthorName contextRef="c">이름아님</dart-gcd:AuthorName>
<dart-gcd:DocumentPeriodEndDate contextRef="c">2021-12-31</dart-gcd:DocumentPeriodEndDate>
<dart:Group><dart:Part contextRef="c" unitRef="KRW">7</dart:Part></dart:Group>
</xbrl>""".encode()

COMPANYFACTS: Final = b"""{"cik": 1234567, "entityName": "MADE WORKS INC.", "facts": {"us-gaap": {"Assets": {"label": "Assets",
"units": {"USD": [{"end": "2023-12-31", "val": 1000000, "accn": "0000000000-24-000001", "fy": 2023, "fp": "FY", "form": "10-K", "filed": "2024-02-01"}]}},
"EarningsPerShareBasic": {"units": {"USD/shares": [{"start": "2023-01-01", "end": "2023-12-31", "val": -0.10, "accn": "0000000000-24-000001", "form": "10-K", "filed": "2024-02-01"},
{"end": "soon", "val": 1, "accn": "x", "form": "y", "filed": "z"}]}}}}}"""
