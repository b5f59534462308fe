"""Sets whose names are linked to what they mean: n3_news100_de, gum_wikinews, factrueval_ru. Reported without a target.

Each document is searched for the full names of those who are labelled in it, as in `names.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from mediamonitor.evaluation.documents import gold_of
from mediamonitor.evaluation.loading import loading
from mediamonitor.evaluation.names import hits_in, overlapping, words_of
from mediamonitor.evaluation.report import Findings

Named = dict[str, dict[str, Any]]
"""Entities of a watchlist, by what the labels call them."""
Naming = Callable[[list[dict[str, Any]]], Named]
"""Who is searched in a document, of its labels."""


def n3_news100_de(folder: Path, findings: Findings) -> None:
    """German news: what loads, and who and what is named. The names are those of pages in the German Wikipedia."""
    loading(folder, findings)

    def named(labels: list[dict[str, Any]]) -> Named:
        titles = {one["entity"]: _title(one["entity"].rpartition("/")[2]) for one in labels if one["entity"]}
        return {entity: {"name": name, "kind": "organisation"} for entity, name in titles.items()}

    right, of = _found(folder, findings, named, "de", is_first=False)
    findings.measure("F1 of the names, not inflected, the page's name as only alias", 2 * right, of)


def gum_wikinews(folder: Path, findings: Findings) -> None:
    """English news: persons that are linked to a page of Wikipedia, by its name and their surname."""

    def named(labels: list[dict[str, Any]]) -> Named:
        persons = {one["entity"] for one in labels if one["type"] == "person" and one["entity"]}
        return {entity: {"name": _title(entity), "kind": "person"} for entity in sorted(persons)}

    right, of = _found(folder, findings, named, "en")
    findings.measure("F1 of the persons named, the page's name as only alias", 2 * right, of)


def factrueval_ru(folder: Path, findings: Findings) -> None:
    """Russian news: persons of whom first name and surname are labelled, inflected, with their surname."""

    def named(labels: list[dict[str, Any]]) -> Named:
        found: Named = {}
        for one in labels:
            known = one.get("entity_attrs") or {}
            if one["type"] == "Person" and known.get("firstname") and known.get("lastname"):
                name = f"{known['firstname'][0]} {known['lastname'][0]}"
                found[one["entity"]] = {"name": name, "kind": "person", "match": {"inflect": True}}
        return found

    right, of = _found(folder, findings, named, "ru")
    findings.measure("F1 of the persons named, inflected, the full name as only alias", 2 * right, of)


def _found(folder: Path, findings: Findings, named: Naming, language: str, is_first: bool = True) -> tuple[int, int]:
    """Labels that have a hit of their own, and the sum of labels and hits. Labels that share no word are left out.

    `is_first`: no measure before this one counted the documents.
    """
    right = of = 0
    for document, labels in gold_of(folder, "gold.jsonl", "mentions"):
        findings.documents += is_first
        findings.readings += is_first
        text = document.raw.decode("utf-8")
        entities = {
            one: given for one, given in named(labels["mentions"]).items() if re.search(r"[^\W_]", given["name"])
        }
        names = {f"e{number}": given["name"] for number, given in enumerate(entities.values())}
        ids = dict(zip(entities, names, strict=True))
        spans = [
            (ids[one["entity"]], one["start"], one["end"])
            for one in labels["mentions"]
            if one["entity"] in ids and _share_a_stem(one["text"], names[ids[one["entity"]]])
        ]
        hits = hits_in(text, [{"id": ids[one], **given} for one, given in entities.items()], language)
        right += overlapping(document, text, spans, hits, names, findings)
        of += len(spans) + sum(hit.is_counted for hit in hits)
    return right, of


def _share_a_stem(text: str, name: str) -> bool:
    """Whether two words of theirs begin alike: one may be inflected."""
    return bool({word[:4] for word in words_of(text)} & {word[:4] for word in words_of(name)})


def _title(page: str) -> str:
    """The name of a page, without what tells pages of one name apart."""
    return re.sub(r" \(.*\)$", "", unquote(page).replace("_", " ")).strip()
