"""Stories through the whole flow: copies across sources, late ones, corrections, deletions; days restated in the open."""

from __future__ import annotations

from pathlib import Path

import pytest

from flow.harness import Flow, article

WIRE = (
    "Mara Lindqvist opened the new ferry line between Vessmark and Port Tarnwick on Monday, two years later than planned.\n\n"
    "The harbour master said that 1,250 passengers had bought a ticket for the first week, and that the second ship would "
    "follow in June when the crew has been trained.\n\n"
    "The line costs the city 14.5 million a year. Opponents had asked for a bridge instead, which the council refused in "
    "November after a long night of speeches."
)
OTHER = (
    "The winter market closes a week early because of the storm that has kept visitors away since Friday evening.\n\n"
    "Traders ask the town hall in Vessmark for help with the rent, which is due at the end of the month."
)


def stories(flow: Flow) -> dict[str, tuple[str, bool, str | None]]:
    """Of each current article, by its source and day: its story and its original by the same, and whether it is an origin."""
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
        "SELECT sum(articles)::INT, (SELECT count(DISTINCT story_id) FROM article_mentions WHERE entity_id = 'lindqvist') "
        "FROM daily_totals WHERE entity_id = 'lindqvist'"
    )
    assert found == [(3, 1)]
    assert sum(origin for _, origin, _ in stories(flow).values()) == 1
    by_day = flow.published(
        "SELECT published_on::VARCHAR, articles, stories, new_stories, articles_total, stories_total FROM daily_totals "
        "WHERE entity_id = 'lindqvist' ORDER BY ALL"
    )
    assert by_day == [("2026-03-02", 2, 1, 1, 2, 1), ("2026-03-03", 1, 1, 0, 1, 1)]
    week = flow.published("SELECT articles, stories, new_stories, stories_total FROM weekly_totals WHERE entity_id = 'lindqvist'")
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
    assert flow.published(
        "SELECT count(*) FROM story_aliases JOIN article_mentions USING (story_id)"
    )[0][0] > 0
    assert flow.published("SELECT published_on::VARCHAR, cause FROM publications WHERE publication_id = 2 ORDER BY ALL") == [
        ("2026-03-02", "new"),
        ("2026-03-03", "cluster"),
        ("2026-03-04", "cluster"),
    ]
    assert flow.published(
        "SELECT published_on::VARCHAR, source, entity_id, new_stories_before, new_stories_after, cause FROM mention_revisions "
        "ORDER BY ALL"
    ) == [
        ("2026-03-03", "post", "lindqvist", 1, 0, "cluster"),
        ("2026-03-03", "post", "vessmark", 1, 0, "cluster"),
    ]
    assert flow.reconcile().holds
