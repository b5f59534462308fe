"""Titles: the key that titles are compared by, and the headline that many files repeat at the head of the body."""

from __future__ import annotations

import re
import unicodedata

ECHO_LINES = 4
"""An echo is looked for among this many non-empty lines at the head of the body (contract; seen in real files)."""
ECHO_SHARE = 0.7
"""Share of a line's words that must stand in the title."""

OUTLET_WORDS = 5
"""What follows the last ` - ` or ` | ` of a title names the outlet, if it has no more words."""

_BETWEEN_PARTS = re.compile(r"\s+(?:[|·•–—-]|::|//)+\s+|\s*[｜：]\s*|:\s+")
_BEFORE_OUTLET = re.compile(r"\s(?:[|·•–—-]|::|//)\s+(?!.*\s(?:[|·•–—-]|::|//)\s)|\s*｜\s*(?!.*｜)")
_SLUG = re.compile(
    r"^\s*(?:update|wrapup|corrected|correction|refile|rpt|repeat|recast|factbox|timeline|exclusive|breaking|live|watch|video|"
    r"eilmeldung|korrektur|urgent|срочно|молния|терміново|pilne)\s*\d*\s*[-:–—|]\s*",
    re.IGNORECASE,
)
_TAG = re.compile(r"\s*[(\[][^()\[\]\d]{1,30}[)\]]\s*$|^\s*\[[^\[\]\d]{1,30}\]\s*")
_MAY_HOLD_PARTS = re.compile(r"[-–—|·•/:｜：()\[\]]")
"""What slugs, tags, outlets and kickers are told by; most titles have none of it."""
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", "؟", "।", ":", ";")
_WORDS = re.compile(r"[^\W_]+")
_MAY_HOLD_MARKS = re.compile(
    r"[\u0300-\u036f\u0483-\u0489\u0590-\u109f\u1700-\u1cff\u1dc0-\u1dff\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ua600-\uabff\ufb1e\ufe00-\ufe2f"
    r"\u135d-\u135f\u2c00-\u2dff\U00010000-\U0001ffff\U000e0100-\U000e01ef]"
)
_CLOSING = "\"'”’»)]› "


def title_key(title: str | None) -> str | None:
    """NFKC, case-folded, everything but letters, marks and digits folded to one space; None where nothing is left."""
    if not title:
        return None
    if title.isascii():
        return " ".join(_WORDS.findall(title.lower())) or None
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", title).casefold())
    if not _MAY_HOLD_MARKS.search(folded):
        return " ".join(_WORDS.findall(folded)) or None
    kept = [" "]
    for char in folded:  # a mark belongs to the letter before it; NFKC makes space and mark of a lone accent such as ´
        is_word = char.isalnum() or (kept[-1] != " " and unicodedata.category(char)[0] == "M")
        kept.append(char if is_word else " ")
    return " ".join("".join(kept).split()) or None


def headline_key(title: str | None) -> str | None:
    """The key of what a title says, without what stands around it: the title rule (contract §3, `title_key`).

    Wire slugs (`UPDATE 1-`), tags (`(AP)`), the outlet behind it and section or kicker before it (`Opinion |`, `Op-Ed
    Columnist:`) go, of what is left the longest part stays. Two articles may share it and have nothing in common: it is
    asked together with the text.
    """
    if not title or not _MAY_HOLD_PARTS.search(title):
        return title_key(title)
    bare = title
    for pattern in (_SLUG, _TAG, _TAG):
        bare = pattern.sub("", bare, count=1)
    outlet = _BEFORE_OUTLET.search(bare)
    if outlet and outlet.start() and len(bare[outlet.end() :].split()) <= OUTLET_WORDS:
        bare = bare[: outlet.start()]
    keys = [key for part in _BETWEEN_PARTS.split(bare) if (key := title_key(part))]
    return max(keys, key=len, default=None) or title_key(title)


def ends_sentence(line: str) -> bool:
    """Whether a line closes with punctuation that headlines do not have."""
    return line.rstrip(_CLOSING).endswith(_SENTENCE_ENDS)


def split_echoes(key: str | None, lines: list[str]) -> tuple[list[str], list[str]]:
    """The body lines without the headline's echoes, and the echoes.

    A line with the title's key is always an echo. Otherwise an echo is one of the first ECHO_LINES non-empty lines, and
    before the first sentence (a heading below the lead may share the title's words): it ends no sentence and stands in
    the title, or has at least ECHO_SHARE of its words there.
    """
    if key is None:
        return lines, []
    words = set(key.split())
    kept: list[str] = []
    echoes: list[str] = []
    seen = 0
    for line in lines:
        if not line:
            kept.append(line)
            continue
        seen += 1
        may_be_part = seen <= ECHO_LINES and not ends_sentence(line)
        may_be_title = len(line) <= 3 * len(key) + 20  # longer is more than the title, whatever its punctuation
        line_key = title_key(line) if may_be_part or (may_be_title and _may_begin(line, key)) else None
        if line_key == key or (may_be_part and line_key and _stands_in(line_key, key, words)):
            echoes.append(line)
        else:
            kept.append(line)
            if not may_be_part:
                seen = ECHO_LINES
    return kept, echoes


def _may_begin(line: str, key: str) -> bool:
    """Whether the key of this line may begin as this one does; most lines are told apart by their first word."""
    first = _WORDS.search(line) if line.isascii() else None
    return first is None or key.startswith(first.group().lower())


def _stands_in(line_key: str, key: str, words: set[str]) -> bool:
    line_words = line_key.split()
    return f" {line_key} " in f" {key} " or sum(word in words for word in line_words) >= ECHO_SHARE * len(line_words)
