"""Pairs that are made of articles: copies as other papers print them, and reports of the same words about other things.

Everything is drawn from the `random.Random` that is given, so a seed gives the same pairs.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

PARAGRAPHS_CUT = 0.3
LEAST_PARAGRAPHS = 3
TRAILERS = (
    "(Reuters)",
    "(AP)",
    "source site-34",
    "Reporting by Ada Zeller; Editing by Tom Brisk",
    "© 2026 Harbour Post. All rights reserved.",
    "Share this article",
)
"""What a paper adds under an agency's report."""
HEADLINES = ("What is known about {} so far", "{}: the day in short", "Why all eyes are on {}")

_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_WORD = re.compile(r"[^\W\d_]+")
_ENDS = re.compile(r"(?:^|[.!?:…\"“„«»‘’(\n-])[\s\"“„«»‘’(]*$")
_CALENDAR = frozenset(
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday jan feb mar apr jun jul aug sep sept oct nov dec "
    "mon tue wed thu fri sat sun".split()
)
"""These begin with a capital letter and are no names."""


def paragraphs(lines: list[str]) -> list[list[str]]:
    """The lines of a text without its title, by paragraph: one begins after an empty line or where a line is indented."""
    found: list[list[str]] = []
    begins = True
    for line in lines:
        if not line.strip():
            begins = True
            continue
        if begins or line.startswith("  "):
            found.append([])
        found[-1].append(line)
        begins = False
    return found


def copied(text: str, rng: random.Random) -> str | None:
    """The text as another paper prints it: a headline of its own, a part of the paragraphs cut, a trailer under it.

    None where it has too few paragraphs. The first one stays, as it does in papers: they cut from below.
    """
    title, _, rest = text.lstrip().partition("\n")
    held = paragraphs(rest.split("\n"))
    if len(held) < LEAST_PARAGRAPHS:
        return None
    cut = set(rng.sample(range(1, len(held)), max(1, round(PARAGRAPHS_CUT * len(held)))))
    kept = ["\n".join(lines) for place, lines in enumerate(held) if place not in cut]
    words = title.split()
    some = " ".join(rng.sample(words, (len(words) + 1) // 2))
    return "\n\n".join([rng.choice(HEADLINES).format(some), *kept, rng.choice(TRAILERS)])


def with_other_numbers(title: str, body: str, rng: random.Random) -> tuple[str, str] | None:
    """Title and body with every number exchanged for another of as many digits; None where there is none."""
    if not _NUMBER.search(body):
        return None
    others: dict[str, str] = {}

    def other(match: re.Match[str]) -> str:
        number = match[0]
        while others.setdefault(number, number) == number:
            others[number] = re.sub(r"\d", lambda _: str(rng.randint(1, 9)), number)
        return others[number]

    return _NUMBER.sub(other, title), _NUMBER.sub(other, body)


def with_other_names(title: str, body: str, rng: random.Random) -> tuple[str, str] | None:
    """Title and body with every name exchanged for a made one, the same one wherever it stands; None where there is none.

    A name is a word that begins with a capital letter within a sentence and stands nowhere in the body with a small one.
    """
    small = {word for word in _WORD.findall(body) if not word[0].isupper()}
    names = {
        match[0].casefold()
        for match in _WORD.finditer(body)
        if match[0][0].isupper() and len(match[0]) > 1 and not _ENDS.search(body[max(0, match.start() - 9) : match.start()])
    }
    names -= {word.casefold() for word in small} | _CALENDAR
    if not names:
        return None
    others = {name: _made_word(rng) for name in sorted(names)}

    def other(match: re.Match[str]) -> str:
        made = others.get(match[0].casefold())
        return match[0] if made is None else made.upper() if match[0].isupper() and len(match[0]) > 1 else made

    return _WORD.sub(other, title), _WORD.sub(other, body)


def _made_word(rng: random.Random) -> str:
    return "".join(rng.choice(letters) for letters in ("BDFGKLMNPRSTVZ", *("aeiou", "bdfgklmnprstvz") * 3))


Other = Callable[[str, str, random.Random], tuple[str, str] | None]
"""A way to make another report of title and body."""
