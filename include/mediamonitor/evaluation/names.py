"""Sets that tell where persons are named: elevant_el, newswcl50, slavicner.

A person is found where a counted hit of title, lead or body overlaps the label.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mediamonitor.article import Article
from mediamonitor.evaluation.documents import Document, gold_of
from mediamonitor.evaluation.report import Findings
from mediamonitor.watchlist.matcher import Matcher, Texts
from mediamonitor.watchlist.model import Watchlist

PERSON = "Q215627"
"""Wikidata's class of persons, as elevant_el names it."""
WIRE_SETS = ("news-fair-v2", "msnbc-updated")
LEAST_MENTIONS = 3
"""Persons of slavicner that are named less often in a language are left out."""
SLAVIC = ("ru", "uk", "pl", "cs", "sl", "bg")
INFLECTED = {"surname": "never", "match": {"inflect": True}}
ACTORS = {
    "Abe": "Shinzo Abe",
    "Comey": "James Comey",
    "Democrats_Clinton": "Hillary Clinton",
    "Flynn": "Michael Flynn",
    "GBR-Misc_Khan": "Sadiq Khan",
    "Jinping": "Xi Jinping",
    "Jong_Un": "Kim Jong Un",
    "May": "Theresa May",
    "Mike_Pompeo": "Mike Pompeo",
    "Moon_Jae": "Moon Jae-in",
    "Mueller": "Robert Mueller",
    "Netanyahu": "Benjamin Netanyahu",
    "Putin": "Vladimir Putin",
    "Republicans_Trump": "Donald Trump",
    "Trump": "Donald Trump",
}
"""The persons of newswcl50 by what stands between country and `_ACTOR` in their ids."""
SURNAME_FIRST = {"Kim Jong Un": "Kim", "Moon Jae-in": "Moon", "Xi Jinping": "Xi"}


def elevant_el(folder: Path, findings: Findings) -> None:
    """English news; each person's Wikidata name is the only alias. Labels that share no word with it are left out."""
    right = gold = found = 0
    for name in WIRE_SETS:
        for document, labels in gold_of(folder, f"{name}/gold.jsonl", "evaluation_span", "mentions"):
            findings.documents += 1
            findings.readings += 1
            begin, end = labels["evaluation_span"]
            persons = [one for one in labels["mentions"] if PERSON in one["type"].split("|") and not one["coref"]]
            names = {one["entity"]: one["name"] for one in persons}
            spans = [
                (one["entity"], one["start"], one["end"])
                for one in persons
                if begin <= one["start"] and one["end"] <= end and _words(one["text"]) & _words(one["name"])
            ]
            text = document.raw.decode("utf-8")
            hits = _hits(text, [{"id": entity, "name": known} for entity, known in names.items()])
            inside = [hit for hit in hits if begin <= hit[1] < end]
            right += _overlapping(document, text, spans, inside, findings)
            gold, found = gold + len(spans), found + len(inside)
    findings.measure("F1 of the persons named, right twice of gold and found", 2 * right, gold + found, 0.88)
    findings.measure("precision", right, found)
    findings.measure("recall", right, gold)


def newswcl50(folder: Path, findings: Findings) -> None:
    """English news on ten events; each actor's full name (ACTORS) is the only alias."""
    right = gold = found = true = 0
    for document, labels in gold_of(folder, "gold.jsonl", "mentions"):
        findings.documents += 1
        findings.readings += 1
        text = document.raw.decode("utf-8")
        actors: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for one in labels["mentions"]:
            if one["entity"].endswith("_ACTOR"):
                actor = "_".join(one["entity"].split("_")[2:-1])
                if actor in ACTORS:
                    actors[ACTORS[actor]].append(one)
                else:
                    findings.case(document.doc, "left out, no full name is known", one["entity"])
        hits = _hits(text, [_actor(name) for name in actors])
        spans = [(_id(name), one["start"], one["end"]) for name, of in actors.items() for one in of]
        true += sum(any(_overlap(hit, span) for span in spans) for hit in hits)
        named = [
            (_id(name), one["start"], one["end"])
            for name, of in actors.items()
            for one in of
            if re.search(rf"\b{SURNAME_FIRST.get(name, name.split()[-1])}\b", one["text"])
        ]
        right += sum(any(_overlap(hit, span) for hit in hits) for span in named)
        gold, found = gold + len(named), found + len(hits)
        for span in named:
            if not any(_overlap(hit, span) for hit in hits):
                findings.case(document.doc, f"{span[0]} not found", text[span[1] - 20 : span[2] + 20])
    findings.measure("mentions that hold the surname found", right, gold, 0.95)
    findings.measure("precision: hits that are labelled so", true, found)


def slavicner_names(folder: Path, findings: Findings) -> None:
    """Six Slavic languages; all gold lemmas of a person are aliases, inflected. Counted by article and person."""
    read: dict[str, list[tuple[Document, Article, list[dict[str, Any]]]]] = defaultdict(list)
    for document, labels in gold_of(folder, "gold.jsonl", "lang", "mentions"):
        article = document.read(Findings())
        if isinstance(article, Article):
            persons = [one for one in labels["mentions"] if one["type"] == "PER" and _is_person(one["entity"])]
            read[labels["lang"]].append((document, article, persons))
    for language in SLAVIC:
        _slavic(language, read[language], findings)


def _slavic(language: str, read: list[tuple[Document, Article, list[dict[str, Any]]]], findings: Findings) -> None:
    lemmas: dict[str, Counter[str]] = defaultdict(Counter)
    for _, _, persons in read:
        for one in persons:
            lemmas[one["entity"]][one["lemma"] or one["text"]] += 1
    frequent = {entity: names for entity, names in lemmas.items() if names.total() >= LEAST_MENTIONS}
    known = {entity: [name for name, _ in names.most_common()] for entity, names in frequent.items()}
    numbered = {f"p{number}": entity for number, entity in enumerate(sorted(known))}
    entities = [
        {"id": key, "name": known[entity][0], "kind": "person", "aliases": known[entity][1:], **INFLECTED}
        for key, entity in numbered.items()
        if all(any(map(str.isalnum, name)) for name in known[entity])
    ]
    matcher = Matcher(Watchlist.model_validate({"version": 1, "entities": entities}))
    right = gold_all = found_all = 0
    for document, article, persons in read:
        gold = Counter(one["entity"] for one in persons if one["entity"] in known)
        aside = article.trailer, article.headline_echo, article.byline
        texts = Texts(article.title, article.body, *aside, article.dateline, language=article.language)
        found = Counter(numbered[hit.entity_id] for hit in matcher.match(texts, None) if hit.is_counted)
        right += (gold & found).total()
        gold_all, found_all = gold_all + gold.total(), found_all + found.total()
        for entity in gold.keys() | found.keys():
            if gold[entity] != found[entity]:
                off = abs(gold[entity] - found[entity])
                findings.case(document.doc, f"{entity}: {found[entity]} found of {gold[entity]}", weight=off)
    findings.measure(f"F1 of the persons named in {language}, inflected", 2 * right, gold_all + found_all, 0.95)


def _is_person(entity: str | None) -> bool:
    return bool(entity and entity.startswith("PER-"))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _id(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower())


def _actor(name: str) -> dict[str, Any]:
    surname = {"surname": {"is": SURNAME_FIRST[name]}} if name in SURNAME_FIRST else {}
    return {"id": _id(name), "name": name, **surname}


def _hits(text: str, entities: Iterable[dict[str, Any]]) -> list[tuple[str, int, int]]:
    """Where each person counts in a text without a title: id, start, end."""
    listed = [{**entity, "id": entity["id"].lower(), "kind": "person"} for entity in entities]
    if not listed:
        return []
    matcher = Matcher(Watchlist.model_validate({"version": 1, "entities": listed}))
    hits = matcher.match(Texts(None, text), None)
    return [(hit.entity_id, hit.start_char, hit.end_char) for hit in hits if hit.is_counted]


def _overlap(hit: tuple[str, int, int], span: tuple[str, int, int]) -> bool:
    return hit[0] == span[0].lower() and hit[1] < span[2] and span[1] < hit[2]


def _overlapping(
    document: Document,
    text: str,
    spans: list[tuple[str, int, int]],
    hits: list[tuple[str, int, int]],
    findings: Findings,
) -> int:
    """How many spans have a hit of their own; the others, and hits without a span, are cases."""
    left = list(hits)
    right = 0
    for span in spans:
        own = next((hit for hit in left if _overlap(hit, span)), None)
        if own:
            left.remove(own)
            right += 1
        else:
            findings.case(document.doc, f"{span[0]} not found", text[max(0, span[1] - 20) : span[2] + 20])
    for hit in left:
        findings.case(document.doc, f"{hit[0]} found, not labelled", text[max(0, hit[1] - 20) : hit[2] + 20])
    return right
