"""What an evaluation finds: measures with counts and targets, and the worst cases, for a person and for `--json`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from mediamonitor.article import Rejection

SHOWN = 10
"""Cases that are kept of a set."""
RAISED = "exception"
"""The reason code of a document that raised instead of being refused."""
LONGEST_CASE = 160
"""Characters of a printed case."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A share: `part` of `whole`. Without a `target` it is only reported.

    A whole of nothing has no value and misses no target: the set holds nothing that could be wrong.
    """

    name: str
    part: int
    whole: int
    target: float | None = None

    @property
    def value(self) -> float | None:
        """The share, or None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def met(self) -> bool:
        """Whether the target is reached; True without one."""
        return self.target is None or self.value is None or self.value >= self.target

    def line(self) -> str:
        """For a person: `ok`, `MISSED` or nothing, the share, its counts, the name, the target."""
        word = "" if self.target is None else "ok" if self.met else "MISSED"
        value = "-" if self.value is None else f"{self.value:.4f}"
        target = "" if self.target is None else f"  (at least {self.target:g})"
        return f"{word:>6}  {value:>6}  {f'{self.part:,} of {self.whole:,}':>19}  {self.name}{target}"


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that went wrong. `weight` says how bad it is against others of its set."""

    document: str
    what: str
    text: str = ""
    weight: int = 1

    def line(self) -> str:
        """One printable line of at most LONGEST_CASE characters."""
        whole = f"{self.document}: {self.what}" + (f": {self.text}" if self.text else "")
        plain = "".join(char if char.isprintable() else " " for char in whole[: LONGEST_CASE + 1])
        return plain if len(plain) <= LONGEST_CASE else plain[: LONGEST_CASE - 3] + "..."


@dataclass(slots=True)
class Findings:
    """What is found while the documents of a set are gone through. Some sets read a document twice."""

    documents: int = 0
    readings: int = 0
    raised: int = 0
    measures: list[Measure] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    causes: Counter[str] = field(default_factory=Counter)
    """How often names were missed, or made up, and why."""

    def measure(self, name: str, part: int, whole: int, target: float | None = None) -> None:
        """Add a measure; they are shown in this order."""
        self.measures.append(Measure(name, part, whole, target))

    def case(self, document: str, what: str, text: str = "", weight: int = 1) -> None:
        """Add a case."""
        self.cases.append(Case(document, what, text, weight))

    def refused(self, document: str, rejection: Rejection, weight: int = 1) -> None:
        """Add a document that was refused, unless it raised, which is a case already."""
        if rejection.reason_code != RAISED:
            self.case(document, f"refused: {rejection.reason_code}", rejection.detail, weight)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The measures of one set, and its worst cases, at most SHOWN."""

    name: str
    documents: int
    measures: tuple[Measure, ...]
    worst: tuple[Case, ...]
    cases: int
    """How many there are in all."""
    causes: tuple[tuple[str, int], ...] = ()
    """Most frequent first."""

    @classmethod
    def of(cls, name: str, findings: Findings) -> Evaluation:
        """What was found, with the heaviest cases first and those of the same weight in the order of the documents."""
        readings = findings.readings
        findings.measure("readings that raise no exception", readings - findings.raised, readings, 1.0)
        worst = sorted(findings.cases, key=lambda case: -case.weight)[:SHOWN]
        causes = tuple(findings.causes.most_common())
        return cls(name, findings.documents, tuple(findings.measures), tuple(worst), len(findings.cases), causes)

    @property
    def holds(self) -> bool:
        """Whether every target is met."""
        return all(measure.met for measure in self.measures)

    def lines(self) -> list[str]:
        """For a person."""
        lines = [f"{self.name}: {self.documents:,} documents", *(measure.line() for measure in self.measures)]
        if self.causes:
            lines += ["", "Causes: " + ", ".join(f"{count:,} {cause}" for cause, count in self.causes)]
        if self.worst:
            lines += ["", f"The worst of {self.cases:,} cases:" if self.cases > len(self.worst) else "Cases:"]
            lines += [case.line() for case in self.worst]
        return [*lines, "", "Every target is met." if self.holds else "A target is missed."]

    def summary(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "set": self.name,
            "holds": self.holds,
            "documents": self.documents,
            "measures": [
                {
                    "name": one.name,
                    "value": one.value,
                    "part": one.part,
                    "whole": one.whole,
                    "target": one.target,
                    "met": one.met,
                }
                for one in self.measures
            ],
            "cases": self.cases,
            "causes": dict(self.causes),
            "worst": [case.line() for case in self.worst],
        }
