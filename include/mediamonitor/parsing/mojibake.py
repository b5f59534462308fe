"""Mojibake: text whose UTF-8 bytes were read as a one-byte encoding (`Ã©` for é, `â€™` for ’, `Ð¿Ñ€` for пр).

It is flagged. A repair is guesswork where the damage is partial, and is left to a source that asks for it.
"""

from __future__ import annotations

import re

from ftfy import fix_encoding
from ftfy.badness import is_bad

MOJIBAKE_SHARE = 0.05
"""A text is flagged from this share on.

Measured: each of 3,347 correct articles with non-ASCII letters, in ten languages, has a share of 0. Of 81 articles
with mojibake 79 have 0.66 or more. Two have 0.06 and 0.08: nearly all their broken quotes lost the second half, and
what is left (`itâs`) is not counted, since `â` alone is a letter.
"""

_CODECS = ("latin-1", "cp1252", "cp1251", "cp1250")
_RUN = re.compile(r"[^\x00-\x20\x85]+")
"""Not cut at no-break spaces, since one is the second half of many a broken letter; \\x85 is a line end too."""


def _chars(first: int, last: int, codec: str) -> str:
    """The characters of a range of bytes; an undefined byte is the control character of its number, as in browsers."""
    chars = []
    for byte in range(first, last + 1):
        try:
            chars.append(bytes([byte]).decode(codec))
        except UnicodeDecodeError:
            chars.append(chr(byte))
    return re.escape("".join(chars))


def _sequences(codec: str) -> str:
    """A pattern of what UTF-8 sequences of two to four bytes look like when read as `codec`."""
    rest = f"[{_chars(0x80, 0xBF, codec)}]"
    leads = [(0xC2, 0xDF, 1), (0xE0, 0xEF, 2), (0xF0, 0xF4, 3)]
    return "|".join(f"[{_chars(first, last, codec)}]{rest}{{{count}}}" for first, last, count in leads)


_SEQUENCE = re.compile("|".join(map(_sequences, _CODECS)) + "|[ÂÃ] ")
"""The last branch: a no-break space or an à whose second half was folded to a space."""
_FIRST, _SECOND = ("".join(_chars(*span, codec) for codec in _CODECS) for span in ((0xC2, 0xF4), (0x80, 0xBF)))
_PAIR = re.compile(f"[{_FIRST}](?=[{_SECOND}]|(?<=[ÂÃ]) )")
"""Where _SEQUENCE may match. Python's `re` searches for a set several times faster than for so many branches."""

_LATIN_WITH_CYRILLIC = re.compile(f"[a-z][{_chars(0xC2, 0xC5, 'cp1251')}][{_chars(0x80, 0xBF, 'cp1251')}]")
"""Accented letters of Latin words that were read as cp1251, such as `Г©` in `tГ©`: ftfy wants two of them in a row."""


def mojibake_share(text: str) -> float:
    """The share, 0 to 1, of the non-ASCII runs that look like UTF-8 read as latin-1, cp1252, cp1251 or cp1250.

    A run is what stands between white space. It counts where it holds the characters of a UTF-8 sequence and ftfy's
    `is_bad` (https://ftfy.readthedocs.io/en/latest/heuristic.html) finds it unlikely as text. Either alone has false
    alarms: `Spaß“` is a sequence, and `»Če` is unlikely to ftfy. 0 for a text without such runs. Time is linear.
    """
    if text.isascii() or not any(_SEQUENCE.match(text, pair.start()) for pair in _PAIR.finditer(text)):
        return 0.0
    runs = [run for run in _RUN.finditer(text) if not run.group().isascii()]
    return sum(_is_broken(text, run) for run in runs) / max(1, len(runs))


def is_mojibake(text: str) -> bool:
    """Whether at least MOJIBAKE_SHARE of the text's non-ASCII runs are mojibake."""
    return mojibake_share(text) >= MOJIBAKE_SHARE


def repaired(line: str) -> str:
    """The line as ftfy thinks that it was written; one without mojibake stays as it is."""
    return line if line.isascii() else " ".join(fix_encoding(line).split("\n"))


def _is_broken(text: str, run: re.Match[str]) -> bool:
    """Whether a run is mojibake; ftfy judges a lone `Â` by the letter before it and the space after it."""
    start, end = run.start(), run.end() + 1
    if not _PAIR.search(text, start, end) or not _SEQUENCE.search(text, start, end):
        return False
    return is_bad(text[max(0, start - 2) : end]) or bool(_LATIN_WITH_CYRILLIC.search(text, start, end))
