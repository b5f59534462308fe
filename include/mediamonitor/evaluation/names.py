"""Sets that tell where persons are named: elevant_el, newswcl50, slavicner.

A person is found where a counted hit of title, lead or body overlaps the label.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mediamonitor.article import Article, Hit
from mediamonitor.evaluation.causes import made_up, missed
from mediamonitor.evaluation.documents import Document, flat, gold_of
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
                if begin <= one["start"] and one["end"] <= end and words_of(one["text"]) & words_of(one["name"])
            ]
            text = document.raw.decode("utf-8")
            persons_named = [{"id": entity, "name": known, "kind": "person"} for entity, known in names.items()]
            hits = [hit for hit in hits_in(text, persons_named) if begin <= hit.start_char < end]
            inside = [hit for hit in hits if hit.is_counted]
            right += overlapping(document, text, spans, hits, names, findings)
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
        every = hits_in(text, [_actor(name) for name in actors])
        hits = [hit for hit in every if hit.is_counted]
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
                beside = [hit for hit in every if hit.start_char < span[2] and span[1] < hit.end_char]
                findings.causes[f"missed: {missed(text[span[1] : span[2]], [], beside, span[0])}"] += 1
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
    writable = {one: names for one, names in known.items() if all(any(map(str.isalnum, name)) for name in names)}
    by_lemmas = {entity: {"name": names[0], "aliases": names[1:], **INFLECTED} for entity, names in writable.items()}
    by_name = {entity: {"name": _fullest(names), "match": INFLECTED["match"]} for entity, names in writable.items()}
    for how, given, target in (
        ("inflected", by_lemmas, 0.95),
        ("by the full name alone with its surname", by_name, None),
    ):
        right, of = _counted_by_article(read, given, set(known), findings if target else None)
        findings.measure(f"F1 of the persons named in {language}, {how}", 2 * right, of, target)


def _fullest(names: list[str]) -> str:
    """The most frequent name of several words, else the most frequent one."""
    return next((name for name in names if " " in name), names[0])


def _counted_by_article(
    read: list[tuple[Document, Article, list[dict[str, Any]]]],
    given: dict[str, dict[str, Any]],
    known: set[str],
    findings: Findings | None,
) -> tuple[int, int]:
    """Mentions that are labelled and found, by article and person, and the sum of both; cases go to `findings`."""
    numbered = {f"p{number}": entity for number, entity in enumerate(sorted(given))}
    entities = [{"id": key, "kind": "person", **given[entity]} for key, entity in numbered.items()]
    matcher = Matcher(Watchlist.model_validate({"version": 1, "entities": entities}))
    right = of = 0
    for document, article, persons in read:
        gold = Counter(one["entity"] for one in persons if one["entity"] in known)
        aside = article.trailer, article.headline_echo, article.byline
        texts = Texts(article.title, article.body, *aside, article.dateline, language=article.language)
        hits = matcher.match(texts, None)
        found = Counter(numbered[hit.entity_id] for hit in hits if hit.is_counted)
        right += (gold & found).total()
        of += gold.total() + found.total()
        for key, entity in numbered.items() if findings else ():
            if findings and gold[entity] != found[entity]:
                off = abs(gold[entity] - found[entity])
                findings.case(document.doc, f"{entity}: {found[entity]} found of {gold[entity]}", weight=off)
                labels = [one["text"] for one in persons if one["entity"] == entity]
                findings.causes.update(
                    _causes(article, labels, [hit for hit in hits if hit.entity_id == key], given[entity])
                )
    return right, of


def _causes(article: Article, labels: list[str], hits: list[Hit], given: dict[str, Any]) -> Iterable[str]:
    """Why the labels of a person in an article and the hits are not as many, by what is written in each."""
    columns = {"title": article.title or "", "trailer": article.trailer or "", "byline": article.byline or ""}
    columns["headline_echo"] = article.headline_echo or ""
    written = [(hit, columns.get(hit.zone, article.body)[hit.start_char : hit.end_char]) for hit in hits]
    counted = Counter(flat(text) for hit, text in written if hit.is_counted)
    gold = Counter(map(flat, labels))
    names = [given["name"], *given.get("aliases", ())]
    for text in (gold - counted).elements():
        beside = [hit for hit, one in written if not hit.is_counted and flat(one) == text]
        yield f"missed: {missed(text, names, beside, hits[0].entity_id if hits else '')}"
    too_many = counted - gold
    for hit, text in written:
        if hit.is_counted and too_many[flat(text)] > 0:
            too_many[flat(text)] -= 1
            yield f"made up: {made_up(hit, text, given['name'])}"


def _is_person(entity: str | None) -> bool:
    return bool(entity and entity.startswith("PER-"))


def words_of(text: str) -> set[str]:
    """Its words, whatever their case."""
    return set(re.findall(r"\w+", text.casefold()))


def _id(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower())


def _actor(name: str) -> dict[str, Any]:
    surname = {"surname": {"is": SURNAME_FIRST[name]}} if name in SURNAME_FIRST else {}
    return {"id": _id(name), "name": name, "kind": "person", **surname}


def hits_in(text: str, entities: Iterable[dict[str, Any]], language: str | None = None) -> list[Hit]:
    """Every hit in a text without a title, counted or not."""
    listed = [{**entity, "id": entity["id"].lower()} for entity in entities]
    if not listed:
        return []
    matcher = Matcher(Watchlist.model_validate({"version": 1, "entities": listed}))
    return matcher.match(Texts(None, text, language=language), None)


def _overlap(hit: Hit, span: tuple[str, int, int]) -> bool:
    return hit.entity_id == span[0].lower() and hit.start_char < span[2] and span[1] < hit.end_char


def overlapping(
    document: Document,
    text: str,
    spans: list[tuple[str, int, int]],
    hits: list[Hit],
    names: dict[str, str],
    findings: Findings,
) -> int:
    """How many spans have a counted hit of their own; the others, and hits without a span, are cases with a cause.

    `names` has what is searched for each id.
    """
    left = [hit for hit in hits if hit.is_counted]
    known = {one.lower(): name for one, name in names.items()}
    right = 0
    for span in spans:
        own = next((hit for hit in left if _overlap(hit, span)), None)
        if own:
            left.remove(own)
            right += 1
            continue
        findings.case(document.doc, f"{span[0]} not found", text[max(0, span[1] - 20) : span[2] + 20])
        beside = [hit for hit in hits if hit.start_char < span[2] and span[1] < hit.end_char]
        why = missed(text[span[1] : span[2]], [known[span[0].lower()]], beside, span[0].lower())
        findings.causes[f"missed: {why}"] += 1
    for hit in left:
        around = text[max(0, hit.start_char - 20) : hit.end_char + 20]
        findings.case(document.doc, f"{hit.entity_id} found, not labelled", around)
        why = made_up(hit, text[hit.start_char : hit.end_char], known[hit.entity_id])
        findings.causes[f"made up: {why}"] += 1
    return right
