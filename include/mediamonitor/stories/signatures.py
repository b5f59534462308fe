"""Signatures: numbers by which articles that may be copies are found among millions (MinHash, Broder 1997, in bands).

Two articles are candidates when they share a number; `similarity.similar` decides. It is a function of the text.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa
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
HEAD_SHARE = np.uint64(4)
"""Of the head of a longer article one shingle in so many is kept, the same ones in every article."""

SIGNED = pa.schema([("bands", pa.list_(pa.uint64())), ("heads", pa.list_(pa.uint64())), ("is_short", pa.bool_())])

_SEED = 7
_MIX, _STIR = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)

Numbers = npt.NDArray[np.uint64]


def rules() -> str:
    """With what signatures and pairs are made; other ones are not compared with these."""
    return f"{RULES}.{RMinHash.ALGORITHM_VERSION}"


def signatures(words: pa.ListArray) -> pa.Table:
    """One row (schema SIGNED) for each article, of which `words` has a number (UBIGINT) for each word of the body.

    `bands` are of the whole body, `heads` of its beginning.
    """
    flat = np.asarray(words.flatten(), np.uint64)
    starts = np.concatenate([[0], np.cumsum(np.asarray(words.value_lengths()))]).astype(np.int64)
    shingles, offsets = _shingles(flat, starts, SHINGLE)
    digests = RMinHash.digest_matrix_from_flat_token_hashes(
        shingles, offsets.astype(np.uint64), BANDS * BAND_ROWS, _SEED
    )
    minima = np.array(digests.to_rows(), np.uint64).reshape(-1, BANDS, BAND_ROWS)
    bands = np.tile(np.arange(1, BANDS + 1, dtype=np.uint64), (len(words), 1))
    for row in range(BAND_ROWS):
        bands = _stirred(bands * _MIX + minima[:, :, row])
    band_offsets = np.arange(0, BANDS * len(words) + 1, BANDS, dtype=np.int32)
    is_short = np.diff(starts) <= SHORT_WORDS
    columns = [
        pa.ListArray.from_arrays(band_offsets, bands.ravel()),
        _heads(flat, starts, is_short),
        pa.array(is_short),
    ]
    return pa.table(columns, SIGNED)


def exact_number(text: Text) -> int | None:
    """The only number of an article of so few words that it is a copy only of the very same; None of a longer one."""
    if len(text.words) >= LEAST_WORDS:
        return None
    told = "\n".join([*text.words, "", *text.title_words])
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8])


def _heads(flat: Numbers, starts: npt.NDArray[np.int64], is_short: npt.NDArray[np.bool_]) -> pa.ListArray:
    shingles, offsets = _shingles(flat, starts, HEAD_SHINGLE)
    of = np.repeat(np.arange(len(is_short)), np.diff(offsets))
    at_head = np.arange(len(shingles)) - offsets[of] <= HEAD_WORDS - HEAD_SHINGLE
    kept = at_head & (is_short[of] | (shingles % HEAD_SHARE == 0))
    counts = np.bincount(of[kept], minlength=len(is_short))
    return pa.ListArray.from_arrays(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32), shingles[kept])


def _shingles(flat: Numbers, starts: npt.NDArray[np.int64], size: int) -> tuple[Numbers, npt.NDArray[np.int64]]:
    """A number for each `size` words in a row of one article, and where those of each article begin."""
    counts = np.maximum(np.diff(starts) - size + 1, 0)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    mixed = np.zeros(max(len(flat) - size + 1, 0), np.uint64)
    for at in range(size):
        mixed = _stirred(mixed * _MIX + flat[at : at + len(mixed)])
    within = np.repeat(starts[:-1] - offsets[:-1], counts) + np.arange(offsets[-1])
    return mixed[within], offsets


def _stirred(numbers: Numbers) -> Numbers:
    numbers = numbers * _STIR
    return numbers ^ (numbers >> np.uint64(29))
