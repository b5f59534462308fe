"""Reading `watchlist.yaml`: the schema, what a schema cannot say, and the examples, each mistake with its line."""

from __future__ import annotations

from mediamonitor.configfile import LoadedYaml
from mediamonitor.watchlist.matcher import Matcher
from mediamonitor.watchlist.model import Watchlist


def parse_watchlist(text: str, name: str = "watchlist.yaml") -> Watchlist:
    """Read and check a watchlist. Raises ConfigurationError with the line of the first thing that is wrong."""
    loaded = LoadedYaml(text, name)
    watchlist = loaded.check(Watchlist)
    if not watchlist.entities:
        raise loaded.error(("entities",), "no entity; a watchlist that watches nothing is a mistake")
    _check_ids(loaded, watchlist)
    _check_examples(loaded, watchlist)
    return watchlist


def _check_ids(loaded: LoadedYaml, watchlist: Watchlist) -> None:
    known: set[str] = set()
    for index, entity in enumerate(watchlist.entities):
        if entity.id in known:
            raise loaded.error(("entities", index, "id"), f"the id {entity.id!r} stands twice")
        known.add(entity.id)
    groups: set[str] = set()
    for index, group in enumerate(watchlist.groups):
        if group.id in groups:
            raise loaded.error(("groups", index, "id"), f"the id {group.id!r} stands twice")
        groups.add(group.id)
        for number, member in enumerate(group.entities):
            if member not in known:
                raise loaded.error(("groups", index, "entities", number), f"no entity has the id {member!r}")


def _check_examples(loaded: LoadedYaml, watchlist: Watchlist) -> None:
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
