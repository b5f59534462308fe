"""Pairs that are made of articles: copies as other papers print them, and reports of the same words about other things.

Everything is drawn from the `random.Random` that is given, so a seed gives the same pairs.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator

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
_WORD = re.compile(r"[^\W\d_](?:\.[^\W\d_])+\b|[^\W\d_]+")
"""A run of letters, or an abbreviation such as `U.S`."""
_SENTENCE_END = re.compile(r"[.!?:…][\"'”’)»]*$")
_BEGINS = re.compile(r"(?:^|(?<!\.\w)[.!?:…][\"'”’)»]*\s|[\"“„«‘]|[-–—]\s)[\s\"“„«‘(]*$")
WRAPPED = 50
"""A line as long as this may go on in the next one; a shorter one is a row of a table or ends a paragraph."""
_INDENT = "  "
_CALENDAR = re.compile(
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may"
    r"|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
"""These begin with a capital letter and are no names."""


def paragraphs(lines: list[str]) -> list[list[str]]:
    """The lines of a text without its title, by paragraph.

    One begins after an empty line, and where a line is indented after the end of a sentence: the rows of a table stay
    together.
    """
    found: list[list[str]] = []
    begins = True
    for line in lines:
        if not line.strip():
            begins = True
            continue
        if begins or (line.startswith(_INDENT) and _SENTENCE_END.search(found[-1][-1].rstrip())):
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


def small_words(texts: Iterable[str]) -> frozenset[str]:
    """The words that stand with a small letter in one of the texts."""
    return frozenset(word for text in texts for word in _WORD.findall(text) if word[0].islower())


def with_other_names(title: str, body: str, rng: random.Random, small: frozenset[str]) -> tuple[str, str] | None:
    """Title and body with every name exchanged for a made one, the same wherever it stands; None where there is none.

    A name is a word with a capital letter that stands in the body nowhere with a small one. Where it only begins
    sentences, it is one if the title has it too and it stands nowhere in the set with a small letter (`small`).
    """
    small_here = small_words([body])
    in_title = {word.casefold() for word in _WORD.findall(title)}
    names: set[str] = set()
    for before, match in _capitals(body):
        word = match.casefold()
        is_name = word in in_title - small if _BEGINS.search(before) else word not in small_here
        if is_name and len(word) > 1 and not _CALENDAR.fullmatch(word):
            names.add(word)
    if not names:
        return None
    others = {name: _made_word(rng) for name in sorted(names)}

    def other(match: re.Match[str]) -> str:
        made = others.get(match[0].casefold())
        return match[0] if made is None else made.upper() if match[0].isupper() and len(match[0]) > 1 else made

    return _WORD.sub(other, title), _WORD.sub(other, body)


def _capitals(body: str) -> Iterator[tuple[str, str]]:
    """Each word with a capital letter, after what stands before it of its paragraph or row."""
    before = ""
    for line in body.split("\n"):
        for match in _WORD.finditer(line):
            if match[0][0].isupper():
                yield before + line[: match.start()], match[0]
        before = f"{line} " if len(line) >= WRAPPED else ""


def _made_word(rng: random.Random) -> str:
    return "".join(rng.choice(letters) for letters in ("BDFGKLMNPRSTVZ", *("aeiou", "bdfgklmnprstvz") * 3))
