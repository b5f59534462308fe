"""A worker: reads chunks of items from standard input until it ends, and answers each with rows in Arrow's format.

Before the first it answers with nothing, when it is ready.

It is the first to go when memory runs out, in a container too, so that its parent lives to tell which file did it.
"""

from __future__ import annotations

import pickle
import resource
import signal
import sys
from contextlib import suppress

from mediamonitor.article import Article, Hit, Rejection
from mediamonitor.landing.staged import Rows
from mediamonitor.parsing.dates import KeyPatterns
from mediamonitor.parsing.reader import Reader
from mediamonitor.processes import leave_pandas_out
from mediamonitor.sources import parse_sources
from mediamonitor.watchlist.matcher import Matcher, Texts
from mediamonitor.watchlist.parse import parse_watchlist
from mediamonitor.workers.chunk import OUT_OF_MEMORY, Item, Setup, memory_bytes, write_answer


def main() -> None:
    """Work until the parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and ends us
    resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes(), memory_bytes()))
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as score:  # Linux only
        score.write("1000")
    leave_pandas_out()
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever a library prints must not stand between the answers
    setup: Setup = pickle.load(requests)  # noqa: S301 (our own parent wrote it)
    sources = parse_sources(setup.sources, "")
    watchlist = parse_watchlist(setup.watchlist, "")
    matcher = Matcher(watchlist)
    reader = Reader(sources, KeyPatterns(setup.key_patterns), setup.prefix)
    with suppress(EOFError, BrokenPipeError):
        write_answer(answers, b"")  # ready: from here on an item may be to blame
        while True:
            items: list[Item] = pickle.load(requests)  # noqa: S301 (our own parent wrote it)
            rows = Rows(watchlist.content_hash, setup.rules_version)
            for item in items:
                read_item(item, reader, matcher, rows)
            write_answer(answers, rows.batch().serialize())


def read_item(item: Item, reader: Reader, matcher: Matcher, rows: Rows) -> None:
    """One item to its rows. A fault of ours costs the record that shows it, and is told in its place."""
    if isinstance(item.record, Rejection):
        rows.add_rejection(item.ref, reader.placed(item.ref, item.metadata, item.record))
        return
    try:
        outcome = reader.read(item.ref, item.metadata, item.record)
        hits = _hits(matcher, outcome) if isinstance(outcome, Article) else []
    except MemoryError:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}"[:200]
        outcome = item.refused("crashes_parser", f"{what} (a fault of Media Monitor; report it)")
    if isinstance(outcome, Article):
        rows.add_article(item.ref, outcome, hits)
    else:
        rows.add_rejection(item.ref, outcome)


def _hits(matcher: Matcher, article: Article) -> list[Hit]:
    aside = article.trailer, article.headline_echo, article.byline
    texts = Texts(article.title, article.body, *aside, article.dateline, language=article.language)
    return matcher.match(texts, article.dating.published_on)


if __name__ == "__main__":
    try:
        main()
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
