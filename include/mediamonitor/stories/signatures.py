"""Signatures: numbers by which articles that may be copies are found among millions (MinHash, Broder 1997, in bands).

Two articles are candidates when they share a number; `similarity.similar` decides. A signature is a function of the text.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from mediamonitor.stories.similarity import LEAST_WORDS, RULES, SHINGLE, Text

BANDS = 32
BAND_ROWS = 2
"""Minima of a band. Two texts with a Jaccard of a third share a band with 97 %, of a half with 99.99 %, of 1 in 10,000
(strangers) with 0.00003 %."""
SHORT_WORDS = 100
"""A flash of up to so many words is looked for at the head of longer articles: it may be a twentieth of them."""
HEAD_WORDS = 60
HEAD_SHINGLE = 8
"""Words of a shingle of the head: each is a number by itself, so it must be rare."""
HEAD_SHARE = 4
"""Of the head of a longer article one shingle in so many is kept, the same ones in every article."""

_SEED = 7
_MIX, _STIR = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)


class Signature:
    """The numbers of one article: `bands` of the whole body, `heads` of its beginning (all UBIGINT)."""

    __slots__ = ("bands", "heads", "is_short")

    def __init__(self, bands: list[int], heads: list[int], is_short: bool) -> None:
        self.bands, self.heads, self.is_short = bands, heads, is_short


def rules() -> str:
    """With what signatures and pairs are made; other ones are not compared with these."""
    return f"{RULES}.{RMinHash.ALGORITHM_VERSION}"


def signatures(texts: Sequence[Text]) -> list[Signature]:
    """One signature for each text, in order."""
    shingles = [_shingles(text.words, SHINGLE) for text in texts]
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in shingles])]).astype(np.uint64)
    flat = np.concatenate(shingles) if shingles else np.array([], np.uint64)
    digests = RMinHash.digest_matrix_from_flat_token_hashes(flat, offsets, BANDS * BAND_ROWS, _SEED).to_rows()
    return [_signature(text, digest) for text, digest in zip(texts, digests, strict=True)]


def _signature(text: Text, digest: list[int]) -> Signature:
    words = text.words
    if len(words) < LEAST_WORDS:  # a copy only of the very same
        return Signature([_number([*words, "", *text.title_words])], [], True)
    minima = np.array(digest, np.uint64).reshape(BANDS, BAND_ROWS)
    bands = np.arange(1, BANDS + 1, dtype=np.uint64)
    for row in range(BAND_ROWS):
        bands = _stirred(bands * _MIX + minima[:, row])
    heads = np.unique(_shingles(words[:HEAD_WORDS], HEAD_SHINGLE))
    is_short = len(words) <= SHORT_WORDS
    kept = heads if is_short else heads[heads % np.uint64(HEAD_SHARE) == 0]
    return Signature(bands.tolist(), kept.tolist(), is_short)


def _shingles(words: Sequence[str], size: int) -> npt.NDArray[np.uint64]:
    """A number for each `size` words in a row."""
    numbers = np.array([zlib.crc32(word.encode()) for word in words], np.uint64)
    count = len(numbers) - size + 1
    if count < 1:
        return np.array([], np.uint64)
    mixed = np.zeros(count, np.uint64)
    for at in range(size):
        mixed = _stirred(mixed * _MIX + numbers[at : at + count])
    return mixed


def _number(words: Sequence[str]) -> int:
    return int(_shingles(words, len(words))[0])


def _stirred(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    numbers = numbers * _STIR
    return numbers ^ (numbers >> np.uint64(29))
