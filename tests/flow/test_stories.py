"""Stories through the whole flow: copies across sources, late ones, corrections; days restated in the open."""

from __future__ import annotations

from pathlib import Path

import pytest

from flow.harness import Flow, article
from mediamonitor.rebuild import rebuild

WIRE = "\n\n".join(
    [
        "Mara Lindqvist opened the new ferry line between Vessmark and Port Tarnwick on Monday, two years later "
        "than planned.",
        "The harbour master said that 1,250 passengers had bought a ticket for the first week, and that the second "
        "ship would follow in June when the crew has been trained.",
        "The line costs the city 14.5 million a year. Opponents had asked for a bridge instead, which the council "
        "refused in November after a long night of speeches.",
    ]
)
OTHER = (
    "The winter market closes a week early because of the storm that has kept visitors away since Friday evening.\n\n"
    "Traders ask the town hall in Vessmark for help with the rent, which is due at the end of the month."
)


def stories(flow: Flow) -> dict[str, tuple[str, bool, str | None]]:
    """Of each current article by its key: the key of its story, whether it is the origin, the key of its original."""
    rows = flow.rows(
        """
        SELECT one.key, story.key, one.is_origin, original.key
        FROM articles AS one
        LEFT JOIN articles AS story ON story.article_id = one.story_id AND story.is_current
        LEFT JOIN articles AS original ON original.article_id = one.duplicate_of AND original.is_current
        WHERE one.is_current ORDER BY one.key
        """
    )
    prefix = flow.landing.store.prefix

    def short(key: str | None) -> str | None:
        return key and key.removeprefix(prefix)

    return {str(short(key)): (short(story) or "", origin, short(original)) for key, story, origin, original in rows}


def test_case_1_a_wire_report_under_three_headlines_is_three_articles_and_one_story(flow: Flow) -> None:
    flow.landing.put("post/2026/03/02/a.txt", article("Ferry line opens at last", WIRE))
    flow.landing.put("herald/2026/03/02/b.txt", article("Lindqvist opens Vessmark ferry", WIRE, "Reporting by Ann Lee"))
    flow.landing.put("site/2026/03/03/c.txt", article("New boats for Port Tarnwick", WIRE))
    flow.run()
    found = flow.published(
        "SELECT sum(articles)::INT, "
        "(SELECT count(DISTINCT story_id) FROM article_mentions WHERE entity_id = 'lindqvist') "
        "FROM daily_totals WHERE entity_id = 'lindqvist'"
    )
    assert found == [(3, 1)]
    assert sum(origin for _, origin, _ in stories(flow).values()) == 1
    by_day = flow.published(
        "SELECT published_on::VARCHAR, articles, stories, new_stories, articles_total, stories_total FROM daily_totals "
        "WHERE entity_id = 'lindqvist' ORDER BY ALL"
    )
    assert by_day == [("2026-03-02", 2, 1, 1, 2, 1), ("2026-03-03", 1, 1, 0, 1, 1)]
    week = flow.published(
        "SELECT articles, stories, new_stories, stories_total FROM weekly_totals WHERE entity_id = 'lindqvist'"
    )
    assert week == [(3, 1, 1, 1)]
    assert flow.reconcile().holds


def test_a_late_origin_takes_the_story_over_and_the_old_id_is_kept(flow: Flow) -> None:
    flow.landing.put("post/2026/03/03/a.txt", article("Ferry line opens at last", WIRE))
    flow.landing.put("herald/2026/03/04/b.txt", article("Lindqvist opens Vessmark ferry", WIRE))
    flow.landing.put("post/2026/03/04/o.txt", article("Winter market", OTHER))
    flow.run()
    assert stories(flow)["herald/2026/03/04/b.txt"] == ("post/2026/03/03/a.txt", False, None)
    flow.landing.put("site/2026/03/02/c.txt", article("New boats for Port Tarnwick", WIRE))
    flow.run()
    assert stories(flow) == {
        "site/2026/03/02/c.txt": ("site/2026/03/02/c.txt", True, None),
        "post/2026/03/03/a.txt": ("site/2026/03/02/c.txt", False, None),
        "herald/2026/03/04/b.txt": ("site/2026/03/02/c.txt", False, None),
        "post/2026/03/04/o.txt": ("post/2026/03/04/o.txt", True, None),
    }
    assert flow.published("SELECT count(*) FROM story_aliases JOIN article_mentions USING (story_id)")[0][0] > 0
    assert flow.published(
        "SELECT published_on::VARCHAR, cause FROM publications WHERE publication_id = 2 ORDER BY ALL"
    ) == [
        ("2026-03-02", "new"),
        ("2026-03-03", "cluster"),
        ("2026-03-04", "cluster"),
    ]
    assert flow.published(
        "SELECT published_on::VARCHAR, source, entity_id, new_stories_before, new_stories_after, cause "
        "FROM mention_revisions "
        "ORDER BY ALL"
    ) == [
        ("2026-03-03", "post", "lindqvist", 1, 0, "cluster"),
        ("2026-03-03", "post", "vessmark", 1, 0, "cluster"),
    ]
    assert flow.reconcile().holds


def test_a_name_that_leaves_the_first_article_opens_its_story_on_the_next_day(flow: Flow) -> None:
    flow.landing.put("post/2026/03/02/a.txt", article("Ferry line opens at last", WIRE))
    flow.landing.put("herald/2026/03/04/b.txt", article("Lindqvist opens Vessmark ferry", WIRE))
    flow.landing.put("site/2026/03/05/c.txt", article("New boats for Port Tarnwick", WIRE))
    flow.landing.put("site/2026/03/03/d.txt", article("Market closes early", OTHER))
    flow.landing.put("post/2026/03/04/e.txt", article("Storm ends the winter market", OTHER))
    flow.run()
    opened = (
        "SELECT published_on::VARCHAR, new_stories FROM daily_totals "
        "WHERE entity_id = 'lindqvist' AND articles > 0 ORDER BY ALL"
    )
    assert flow.published(opened) == [("2026-03-02", 1), ("2026-03-04", 0), ("2026-03-05", 0)]
    unnamed = WIRE.replace("Mara Lindqvist opened", "The city opened")
    flow.landing.put("post/2026/03/02/a.txt", article("Ferry line opens at last", unnamed))
    flow.run()
    assert {story for story, _, _ in stories(flow).values()} == {"post/2026/03/02/a.txt", "site/2026/03/03/d.txt"}
    assert flow.published(opened) == [("2026-03-04", 1), ("2026-03-05", 0)]
    others = "SELECT published_on::VARCHAR, new_stories FROM daily_totals WHERE entity_id = 'vessmark' ORDER BY ALL"
    assert flow.published(others) == [("2026-03-02", 1), ("2026-03-03", 1), ("2026-03-04", 0), ("2026-03-05", 0)]
    assert flow.published(
        "SELECT published_on::VARCHAR, cause FROM publications WHERE publication_id = 2 ORDER BY ALL"
    ) == [("2026-03-02", "correction"), ("2026-03-04", "cluster")]
    assert flow.reconcile().holds


def test_case_2_section_prefixes_and_outlet_suffixes_do_not_hide_a_duplicate(flow: Flow) -> None:
    """backend#346: the bare title never occurs."""
    titles = [
        "Opinion | When the Harbour Is Led by a Child - The Vessmark Post",
        "Op-Ed Columnist: When the Harbour Is Led by a Child",
        "Opinion | When the Harbour Is Led by a Child",
    ]
    for number, title in enumerate(titles):
        flow.landing.put(f"post/2026/03/0{number + 2}/a.txt", article(title, WIRE))
    flow.run()
    assert [original for _, _, original in stories(flow).values()] == [None, *["post/2026/03/02/a.txt"] * 2]
    assert flow.published("SELECT sum(articles)::INT, sum(duplicates)::INT FROM coverage") == [(1, 2)]


def test_case_3_a_daily_briefing_with_a_new_body_is_never_merged(flow: Flow) -> None:
    for day in (2, 3, 4):
        told = (
            OTHER if day == 2 else WIRE if day == 3 else "\n".join(reversed(WIRE.split(". "))).replace("Monday", "then")
        )
        flow.landing.put(f"post/2026/03/0{day}/a.txt", article("Morning Briefing", f"{told} Day {day} of the week."))
    flow.landing.put(
        "post/2026/03/05/a.txt",
        article("Morning Briefing", "A storm keeps every boat in the harbour of Vessmark today."),
    )
    flow.run()
    places = stories(flow)
    assert [original for _, _, original in places.values()] == [None] * 4
    assert places["post/2026/03/05/a.txt"][1]


def test_case_10_an_undated_article_joins_no_story(flow: Flow) -> None:
    path = Path(flow.folder, "sources.yaml")
    path.write_text("version: 1\nsources:\n  - {source: site-9, undated: none}\n")
    flow.set(sources=str(path))
    flow.landing.put("post/2026/03/02/a.txt", article("Ferry line opens at last", WIRE))
    flow.landing.put("undated.txt", article("Lindqvist opens Vessmark ferry", WIRE))
    flow.run()
    assert stories(flow)["undated.txt"] == ("", None, None)
    assert flow.published("SELECT source, undated FROM coverage WHERE published_on IS NULL") == [("site-9", 1)]


def test_case_11_a_late_file_that_joins_nothing_restates_its_day_alone_and_leaves_revisions(flow: Flow) -> None:
    for day in (2, 3, 4, 5):
        flow.landing.put(f"post/2026/03/0{day}/a.txt", article(f"Report {day}", f"{OTHER} Number {day}."))
    flow.run()
    before = flow.data_files()
    flow.landing.put("herald/2026/03/02/late.txt", article("Ferry line opens at last", WIRE))
    flow.run()
    changed = {name for name in flow.data_files() if flow.data_files()[name] != before.get(name)}
    assert {name.split("/")[1] for name in changed if "published_on" in name} == {"published_on=2026-03-02"}
    assert flow.published("SELECT published_on::VARCHAR, cause FROM publications WHERE publication_id = 2") == [
        ("2026-03-02", "late")
    ]
    revised = flow.published(
        "SELECT published_on::VARCHAR, source, entity_id, articles_before, articles_after, cause "
        "FROM mention_revisions ORDER BY ALL"
    )
    assert revised == [
        ("2026-03-02", "herald", "lindqvist", None, 1, "late"),
        ("2026-03-02", "herald", "vessmark", None, 1, "late"),
        ("2026-03-02", "herald", None, None, 1, "late"),
    ]
    flow.run()  # nothing has changed
    assert len(flow.published("SELECT * FROM mention_revisions")) == 3


def test_case_12_what_was_published_then_can_still_be_told(flow: Flow) -> None:
    flow.landing.put("post/2026/03/02/a.txt", article("Ferry line opens at last", WIRE))
    flow.landing.put("post/2026/03/02/b.txt", article("Winter market", OTHER))
    flow.run()
    first = f"TIMESTAMP '{flow.now:%Y-%m-%d %H:%M:%S}'"
    columns = "source, entity_id, articles, occurrences, articles_total, share"
    told = f"SELECT {columns} FROM {{}} WHERE published_on = '2026-03-02' ORDER BY ALL"
    as_published = flow.published(told.format("daily_mentions"))
    flow.landing.put(
        "post/2026/03/02/a.txt", article("Ferry line opens at last", WIRE.replace("Mara Lindqvist", "The mayor"))
    )
    flow.run()
    second = f"TIMESTAMP '{flow.now:%Y-%m-%d %H:%M:%S}'"
    assert flow.published(told.format("daily_mentions")) != as_published
    assert flow.published(told.format(f"daily_mentions_as_of({first})")) == as_published
    assert flow.published(told.format(f"daily_mentions_as_of({second})")) == flow.published(
        told.format("daily_mentions")
    )
    assert flow.published("SELECT count(*) FROM daily_mentions_as_of(TIMESTAMP '2026-03-01')") == [(0,)]
    assert flow.published("SELECT DISTINCT cause FROM mention_revisions") == [("correction",)]
    assert flow.published("SELECT count(*) FROM article_mentions WHERE entity_id = 'lindqvist'") == [(0,)]
    before = flow.data_files()
    flow.landing.put(
        "post/2026/03/02/a.txt", article("Ferry line opens at last", WIRE.replace("Mara Lindqvist", "The mayor"))
    )
    flow.run()  # the same content
    assert flow.data_files() == before


def test_case_12_what_was_told_of_a_name_that_goes_and_of_a_source_day_that_empties(flow: Flow) -> None:
    flow.landing.put("post/2026/03/02/a.txt", article("Ferry line opens at last", WIRE))
    flow.landing.put(
        "herald/2026/03/02/b.txt", article("A quiet day", "Nobody was there at all, and nothing happened.")
    )
    flow.run()
    columns = "source, entity_id, articles, stories, new_stories, occurrences, articles_total, stories_total, share"
    # The zeros are those of the names that are watched today.
    told = (
        f"SELECT {columns} FROM {{}} WHERE published_on = '2026-03-02' AND (articles > 0 OR entity_id = 'vessmark') "
        "ORDER BY ALL"
    )
    published = [(f"TIMESTAMP '{flow.now:%Y-%m-%d %H:%M:%S}'", flow.published(told.format("daily_mentions")))]
    watchlist = Path(flow.settings.watchlist)
    without = watchlist.read_text().replace("Mara Lindqvist", "Nemo Nobody").replace("id: lindqvist", "id: nemo")
    for change in ("name goes", "source empties", "other comes"):
        if change == "name goes":
            watchlist.write_text(without)
        elif change == "source empties":
            flow.landing.put(
                "herald/2026/03/02/b.txt", article("Moved", "It was the third.\n\nVessmark, March 3, 2026")
            )
            flow.landing.delete("herald/2026/03/02/b.txt")
            flow.set(deleted="retract")
        else:
            flow.landing.put("post/2026/03/02/c.txt", article("Winter market", OTHER))
        flow.run()
        published.append((f"TIMESTAMP '{flow.now:%Y-%m-%d %H:%M:%S}'", flow.published(told.format("daily_mentions"))))
        for moment, as_published in published:
            assert flow.published(told.format(f"daily_mentions_as_of({moment})")) == as_published, (change, moment)


def test_case_12_a_zero_that_was_told_of_a_source_day_that_was_not_covered_for_a_while(flow: Flow) -> None:
    flow.set(deleted="retract")
    flow.landing.put("post/2026/03/02/a.txt", article("Ferry line opens at last", WIRE))
    flow.landing.put("herald/2026/03/02/b.txt", article("Winter market", OTHER))
    flow.run()
    told = "SELECT * FROM {} WHERE published_on = '2026-03-02' ORDER BY source, entity_id"
    columns = "source, entity_id, articles, stories, new_stories, occurrences, articles_total, stories_total, share"
    told = told.replace("*", columns)
    published = [(f"TIMESTAMP '{flow.now:%Y-%m-%d %H:%M:%S}'", flow.published(told.format("daily_mentions")))]
    assert ("herald", "lindqvist", 0, 0, 0, 0, 1, 1, 0.0) in published[0][1]
    for change in ("empties", "comes back and names her"):
        if change == "empties":
            flow.landing.delete("herald/2026/03/02/b.txt")
        else:
            flow.landing.put("herald/2026/03/02/c.txt", article("Market", OTHER.replace("Traders", "Mara Lindqvist")))
        flow.run()
        published.append((f"TIMESTAMP '{flow.now:%Y-%m-%d %H:%M:%S}'", flow.published(told.format("daily_mentions"))))
        for moment, as_published in published:
            assert flow.published(told.format(f"daily_mentions_as_of({moment})")) == as_published, (change, moment)


def test_case_14_files_in_are_loaded_duplicates_and_quarantined_by_source(flow: Flow) -> None:
    flow.landing.put("post/2026/03/02/a.txt", article("Ferry line opens at last", WIRE))
    flow.landing.put("post/2026/03/03/a.txt", article("Ferry line opens at last", f"{WIRE} The band played on."))
    flow.landing.put("post/2026/03/03/bad.txt", b"")
    flow.landing.put("herald/2026/03/03/b.txt", article("Lindqvist opens Vessmark ferry", WIRE))
    flow.run()
    counted = flow.published(
        "SELECT source, sum(articles)::INT, sum(duplicates)::INT FROM coverage GROUP BY ALL ORDER BY ALL"
    )
    assert counted == [("herald", 1, 0), ("post", 1, 1)]
    assert flow.published("SELECT source, count(*) FROM quarantine WHERE state = 'open' GROUP BY ALL") == [("post", 1)]
    assert flow.reconcile().holds


def test_a_story_whose_origin_leaves_goes_on_under_its_next_article(flow: Flow) -> None:
    flow.set(deleted="retract")
    flow.landing.put("post/2026/03/02/a.txt", article("Ferry line opens at last", WIRE))
    flow.landing.put("herald/2026/03/03/b.txt", article("Lindqvist opens Vessmark ferry", WIRE))
    flow.landing.put("site/2026/03/04/c.txt", article("New boats for Port Tarnwick", WIRE))
    flow.run()
    flow.landing.delete("post/2026/03/02/a.txt")
    flow.ingest()
    assert flow.reconcile().holds
    flow.publish()
    assert {key: place[:2] for key, place in stories(flow).items()} == {
        "herald/2026/03/03/b.txt": ("herald/2026/03/03/b.txt", True),
        "site/2026/03/04/c.txt": ("herald/2026/03/03/b.txt", False),
    }
    assert flow.rows(
        "SELECT count(*) FROM story_aliases JOIN articles ON articles.article_id = story_aliases.old_id "
        "WHERE articles.key LIKE '%/post/2026/03/02/a.txt'"
    ) == [(1,)]
    assert flow.reconcile().holds


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 0, 4, 1, 3)])
def test_any_order_and_batching_of_the_same_files_publishes_the_same_bytes(flow: Flow, order: tuple[int, ...]) -> None:
    files = [
        ("post/2026/03/02/a.txt", article("Ferry line opens at last", WIRE)),
        ("herald/2026/03/03/b.txt", article("Lindqvist opens Vessmark ferry", WIRE)),
        ("site/2026/03/04/c.txt", article("New boats for Port Tarnwick", WIRE.split("\n\n", 1)[1])),
        ("post/2026/03/04/d.txt", article("Ferry line opens at last", WIRE)),
        ("herald/2026/03/04/e.txt", article("Winter market", OTHER)),
    ]
    for place, number in enumerate(order):
        flow.landing.put(*files[number])
        if place % 2:
            flow.run()
    flow.run()
    found = flow.data_files()
    flow.set(warehouse=f"duckdb://{flow.folder}/once.duckdb", published=f"{flow.folder}/once")
    flow.run()
    assert flow.data_files() == found
    assert flow.reconcile().holds


def test_ids_that_a_rebuild_replaces_stay_in_story_aliases(flow: Flow) -> None:
    flow.landing.put("post/2026/03/02/a.txt", article("Ferry line opens at last", WIRE))
    flow.landing.put("herald/2026/03/03/b.txt", article("Lindqvist opens ferry", WIRE))
    flow.landing.put("post/2026/03/04/o.txt", article("Winter market", OTHER))
    flow.run()
    ((old,),) = flow.published("SELECT DISTINCT story_id FROM article_mentions WHERE entity_id = 'lindqvist'")
    flow.landing.delete("post/2026/03/02/a.txt")
    flow.run()  # under `keep` it stays until a rebuild
    rebuild(flow.context())
    rebuild(flow.context())  # one that was not published yet
    flow.publish()
    ((new,),) = flow.published("SELECT DISTINCT story_id FROM article_mentions WHERE entity_id = 'lindqvist'")
    assert flow.published("SELECT old_id, story_id FROM story_aliases") == [(old, new)]
    assert old != new
    assert flow.published(
        "SELECT published_on::VARCHAR, cause FROM publications WHERE publication_id = 3 ORDER BY ALL"
    ) == [
        ("2026-03-02", "deletion"),
        ("2026-03-03", "cluster"),
        ("2026-03-04", "requested"),
    ]
    assert flow.reconcile().holds


@pytest.mark.parametrize("ingested", [True, False])
def test_ids_stay_when_a_correction_waits_for_its_publication_before_a_rebuild(flow: Flow, ingested: bool) -> None:
    flow.landing.put("post/2026/03/02/a.txt", article("Ferry line opens at last", WIRE))
    flow.landing.put("herald/2026/03/03/b.txt", article("Lindqvist opens ferry", WIRE))
    flow.run()
    ((old,),) = flow.published("SELECT DISTINCT story_id FROM article_mentions")
    flow.landing.delete("post/2026/03/02/a.txt")
    flow.landing.put("herald/2026/03/03/b.txt", article("Lindqvist opens ferry", f"{WIRE}\n\nOne line more."))
    if ingested:
        flow.ingest()
    rebuild(flow.context())
    flow.publish()
    ((new,),) = flow.published("SELECT DISTINCT story_id FROM article_mentions")
    assert flow.published("SELECT old_id, story_id FROM story_aliases") == [(old, new)]
    assert flow.reconcile().holds


def test_the_alias_of_a_current_article_is_its_own_story(flow: Flow) -> None:
    flow.landing.put("post/2026/03/04/a.txt", article("Both at once", f"{WIRE}\n\n{OTHER}"))
    flow.run()
    flow.landing.put("herald/2026/03/03/b.txt", article("Ferry opens", WIRE))
    flow.run()
    flow.landing.put("site/2026/03/02/c.txt", article("Market closes", OTHER))
    flow.run()
    aliases = (
        "SELECT aliases.story_id = articles.story_id FROM story_aliases AS aliases JOIN articles ON article_id = old_id"
    )
    assert flow.rows(aliases) == [(True,)]
