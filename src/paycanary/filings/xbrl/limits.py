"""How much one document may ask for. A filing that needs more is refused by name, so that no file can fill the memory."""

from __future__ import annotations

from typing import Final

MIB: Final = 1 << 20

#: Bytes of one document, inflated. The largest annual reports with embedded pictures are near 100 MiB.
MAX_DOCUMENT: Final = 256 * MIB

#: Inflated bytes for one byte in the archive. Real filings, full of blanks and repeated styles, stay below 60.
MAX_RATIO: Final = 250

#: A member smaller than this is never taken for a bomb, whatever its ratio.
SMALL_MEMBER: Final = 4 * MIB

#: Archives within archives. Companies House nests once.
MAX_ARCHIVES: Final = 3

#: Bytes of an archive's directory; the largest monthly archive of Companies House has a tenth of it.
MAX_DIRECTORY: Final = 256 * MIB

#: Open inline elements at one place. Real filings nest up to ten.
MAX_NESTING: Final = 200

#: Characters of text facts for one character of the document: nested text blocks repeat each other's words.
MAX_TEXT_RATIO: Final = 12

#: Text characters that are always allowed, however short the document.
SMALL_TEXT: Final = MIB

#: Characters of a number. The longest amounts of real filings have 20.
MAX_NUMBER: Final = 100

#: Powers of ten of a scale, either way. Real filings use -6 to 12.
MAX_SCALE: Final = 60

#: Characters of words that a transformation reads (dates, numbers in words): longer ones would make patterns slow.
MAX_WORDS: Final = 300

#: Characters of an entity that a document declares for itself (``<!ENTITY nbsp "&#160;">``).
MAX_ENTITY: Final = 100

#: Faults listed for one document; the rest is counted.
MAX_FAULTS: Final = 1000
