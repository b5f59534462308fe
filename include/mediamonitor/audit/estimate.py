"""From codes to precision, recall and agreement, with intervals of 95 %."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from mediamonitor.audit.sheet import Coded

Z = 1.959963984540054
"""The normal quantile of 97.5 %."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with the bounds of its interval."""

    value: float
    low: float
    high: float

    def line(self) -> str:
        """For a person."""
        return f"{self.value:.3f}  (95 % interval {self.low:.3f} to {self.high:.3f})"


def share(strata: Sequence[Coded]) -> Estimate | None:
    """The share of true places in these strata, each weighted by its size; None where no code tells.

    Wilson's score interval on the effective sample size: the number of rows of a simple sample that would vary as this
    one does. Of the intervals for shares in stratified samples that Franco, Little, Louis and Slud compare (Journal of
    Survey Statistics and Methodology 7, 2019), it keeps its 95 % near 0 and 1 too. A stratum whose codes are all the
    same is taken to vary as if half a row more were true and half a row not (Jeffreys' prior), else few rows would
    prove that there is no mistake among many. A stratum of which no code tells counts as the others do.
    """
    known = [one for one in strata if one.told]
    if not known:
        return None
    whole, rows = sum(one.size for one in known), sum(one.told for one in known)
    value = sum(one.size * one.true / one.told for one in known) / whole
    if rows == whole:
        return Estimate(value, value, value)  # every place is coded: nothing is estimated
    variance = sum((one.size / whole) ** 2 * _variance(one) for one in known)
    varies = max(value * (1 - value), (rows + 0.5) * 0.5 / (rows + 1) ** 2)
    return _wilson(value, min(varies / variance, whole))


def _variance(stratum: Coded) -> float:
    """Of the share of true places that a sample of a stratum gives, smaller the more of it is coded."""
    part = (stratum.true + 0.5) / (stratum.told + 1)
    return (1 - stratum.told / stratum.size) * part * (1 - part) / max(stratum.told - 1, 1)


def _wilson(value: float, rows: float) -> Estimate:
    """E. B. Wilson, Journal of the American Statistical Association 22, 1927."""
    middle = (value + Z**2 / (2 * rows)) / (1 + Z**2 / rows)
    half = Z / (1 + Z**2 / rows) * sqrt(value * (1 - value) / rows + Z**2 / (4 * rows**2))
    return Estimate(value, max(0.0, middle - half), min(1.0, middle + half))


def precision(strata: Sequence[Coded]) -> Estimate | None:
    """Of what is counted, the share that means the entity."""
    return share([one for one in strata if one.is_counted])


def recall(strata: Sequence[Coded]) -> Estimate | None:
    """Of the places looked at that mean the entity, the share that is counted; None where that cannot be told.

    It is 1 / (1 + missed / right), and the interval of that ratio of two independent totals comes from theirs by the
    method MOVER-R (Newcombe, Statistical Methods in Medical Research 25, 2016).
    """
    counted = [one for one in strata if one.is_counted]
    others = [one for one in strata if not one.is_counted]
    right, missed = _total(counted), _total(others)
    if right is None or right.value == 0 or (others and missed is None):
        return None
    low, high = _ratio(missed or Estimate(0, 0, 0), right)
    return Estimate(1 / (1 + (missed.value if missed else 0) / right.value), 1 / (1 + high), 1 / (1 + low))


def _total(strata: Sequence[Coded]) -> Estimate | None:
    """How many true places there are in these strata."""
    part, whole = share(strata), sum(one.size for one in strata)
    return Estimate(part.value * whole, part.low * whole, part.high * whole) if part else None


def _ratio(above: Estimate, below: Estimate) -> tuple[float, float]:
    """The bounds of above / below; the upper one is infinite where `below` may be 0."""
    product = above.value * below.value

    def bound(one: float, other: float, sign: int) -> float:
        inside = product**2 - one * other * (2 * above.value - one) * (2 * below.value - other)
        return max(0.0, (product + sign * sqrt(max(0.0, inside))) / (other * (2 * below.value - other)))

    low = bound(above.low, below.high, -1) if 2 * below.value > below.high else 0.0
    return low, bound(above.high, below.low, 1) if below.low > 0 else float("inf")


def agreement(one: Sequence[Coded], other: Sequence[Coded]) -> float | None:
    """Krippendorff's alpha (nominal) of two coders, over the rows that both could tell.

    None where all codes are the same: chance alone would then agree as well, and alpha says nothing.
    """
    pairs = [
        pair
        for first, second in zip(one, other, strict=True)
        for pair in zip(first.codes, second.codes, strict=True)
        if None not in pair
    ]
    if len({code for pair in pairs for code in pair}) < 2:
        return None
    from nltk.metrics.agreement import AnnotationTask

    rows = [(coder, number, code) for number, pair in enumerate(pairs) for coder, code in zip("ab", pair, strict=True)]
    return float(AnnotationTask(rows).alpha())
