"""Which sets there are, and how each is gone through."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mediamonitor.errors import ConfigurationError
from mediamonitor.evaluation.copies import ant_arabic_copies, bbc_news_copies, near_dup_gold, reuters21578_copies
from mediamonitor.evaluation.linked import factrueval_ru, gum_wikinews, n3_news100_de
from mediamonitor.evaluation.loading import chardet_encodings, horne2017, loading
from mediamonitor.evaluation.names import elevant_el, newswcl50, slavicner_names
from mediamonitor.evaluation.report import Evaluation, Findings
from mediamonitor.evaluation.tails import aeb, bbc_news, trailer_gold
from mediamonitor.evaluation.wires import reuters21578


def bbc_news_whole(folder: Path, findings: Findings) -> None:
    """Both halves of that set: what is cut, and what is a copy."""
    bbc_news(folder, findings)
    bbc_news_copies(folder, findings)


def reuters21578_whole(folder: Path, findings: Findings) -> None:
    """Both halves of that set: how telegrams are read, and what is a copy."""
    reuters21578(folder, findings)
    reuters21578_copies(folder, findings)


def ant_arabic(folder: Path, findings: Findings) -> None:
    """Both halves of that set: what loads, and what is a copy."""
    loading(folder, findings)
    ant_arabic_copies(folder, findings)


def slavicner(folder: Path, findings: Findings) -> None:
    """Both halves of that set: what loads, and who is found."""
    loading(folder, findings)
    slavicner_names(folder, findings)


SETS: dict[str, Callable[[Path, Findings], None]] = {
    "trailer_gold": trailer_gold,
    "aeb": aeb,
    "bbc_news": bbc_news_whole,
    "reuters21578": reuters21578_whole,
    "horne2017": horne2017,
    "chardet_encodings": chardet_encodings,
    "ant_arabic": ant_arabic,
    "gnad10k_test_de": loading,
    "n3_news100_de": n3_news100_de,
    "slavicner": slavicner,
    "elevant_el": elevant_el,
    "newswcl50": newswcl50,
    "gum_wikinews": gum_wikinews,
    "factrueval_ru": factrueval_ru,
    "near_dup_gold": near_dup_gold,
}
"""Each set by the name of its folder. What it finds, it adds."""


def evaluate(folder: Path) -> Evaluation:
    """Read every document of an unpacked set as the flow does, and measure. Changes nothing.

    The folder's name tells what set it is. Raises ConfigurationError for an unknown one and for one without documents.
    """
    name = folder.resolve().name
    if name not in SETS:
        raise ConfigurationError(f"no set is called {name!r}; the folder must have one of the names {', '.join(SETS)}")
    findings = Findings()
    SETS[name](folder, findings)
    if not findings.documents:
        raise ConfigurationError(f"{folder} holds no documents; unpack the set there")
    return Evaluation.of(name, findings)
