"""Reading `watchlist.yaml`: the schema, what a schema cannot say, and the examples, each mistake with its line."""

from __future__ import annotations

from mediamonitor.configfile import LoadedYaml
from mediamonitor.watchlist.matcher import Matcher
from mediamonitor.watchlist.model import Watchlist

NOT_YET = {"surname", "require", "exclude", "query", "groups", "inflect"}
"""Keys of the contract that this version does not read; they are refused by name, never ignored."""


def parse_watchlist(text: str, name: str = "watchlist.yaml") -> Watchlist:
    """Read and check a watchlist. Raises ConfigurationError with the line of the first thing that is wrong."""
    loaded = LoadedYaml(text, name)
    _refuse_not_yet(loaded)
    watchlist = loaded.check(Watchlist)
    if not watchlist.entities:
        raise loaded.error(("entities",), "no entity; a watchlist that watches nothing is a mistake")
    first_line: dict[str, int] = {}
    for index, entity in enumerate(watchlist.entities):
        if entity.id in first_line:
            raise loaded.error(("entities", index, "id"), f"the id {entity.id!r} stands twice")
        first_line[entity.id] = index
    matcher = Matcher(watchlist)
    for index, entity in enumerate(watchlist.entities):
        day = entity.active.from_ or entity.active.to
        for kind, sentences in (("hit", entity.examples.hit), ("miss", entity.examples.miss)):
            for number, sentence in enumerate(sentences):
                counted = any(
                    hit.entity_id == entity.id and hit.is_counted for hit in matcher.match_sentence(sentence, day)
                )
                if counted != (kind == "hit"):
                    problem = "is not counted" if kind == "hit" else "is counted"
                    raise loaded.error(
                        ("entities", index, "examples", kind, number),
                        f"example fails: {entity.name!r} {problem} in {sentence!r}",
                    )
    return watchlist


def _refuse_not_yet(loaded: LoadedYaml) -> None:
    data = loaded.data if isinstance(loaded.data, dict) else {}
    places: list[tuple[int | str, ...]] = [(key,) for key in data]
    entities = data.get("entities")
    for index, entity in enumerate(entities if isinstance(entities, list) else []):
        if isinstance(entity, dict):
            places += [("entities", index, key) for key in entity]
            match = entity.get("match")
            places += [("entities", index, "match", key) for key in match] if isinstance(match, dict) else []
    for path in places:
        if path[-1] in NOT_YET:
            raise loaded.error(path, f"the key {path[-1]!r} is not built yet in this version; remove it")
