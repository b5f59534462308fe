from __future__ import annotations

import codecs
import hashlib
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import examples, make_watchlist, read, read_article, read_rejection
from mediamonitor.article import Article, Rejection, article_id
from mediamonitor.parsing.title import headline_key
from mediamonitor.parsing.trailer import remaining_trailers
from mediamonitor.parsing.trailer_rules import rules
from mediamonitor.parsing.words import count_words
from mediamonitor.watchlist.matcher import Matcher, Texts

SEED = Path(__file__).resolve().parents[3] / "shared" / "seed" / "000_12255b56528e1f34.txt"
"""The real article, which is not ours to copy; beside the repository where this project is developed."""

TEXT = "Ferry strike ends\n\nThe crews went back to work.\n\nNobody was hurt.\n"


@pytest.mark.skipif(not SEED.exists(), reason=f"the real article is not here: {SEED}")
class TestTheRealArticle:
    def article(self) -> Article:
        return read_article(SEED.read_bytes())

    def test_title_body_echoes_and_trailer(self) -> None:
        article = self.article()
        assert article.title == SEED.read_text(encoding="utf-8").split("\n")[0].strip()
        assert article.body.startswith("Thousands of Russians are leaving")
        assert article.body.endswith("of his units.")
        echoes = ["He does not send his own troops", "Kadyrov calls fleeing Russians cowards"]
        assert article.headline_echo == "\n".join(echoes)
        assert not set(echoes) & set(article.body.split("\n"))
        assert "Hardliners put pressure on Putin" in article.body.split("\n")
        assert (article.trailer, article.source, article.source_from) == ("source site-34", "site-34", "trailer")

    def test_kadyrov_is_counted_eight_times_and_the_source_never(self) -> None:
        article = self.article()
        watchlist = make_watchlist({"name": "Ramzan Kadyrov", "aliases": ["Kadyrov"]}, {"name": "site-34"})
        texts = Texts(
            article.title, article.body, article.trailer, article.headline_echo, article.byline, article.dateline
        )
        hits = Matcher(watchlist).match(texts, article.dating.published_on)
        counted = Counter((hit.entity_id, hit.zone == "title") for hit in hits if hit.is_counted)
        assert counted == {("ramzan-kadyrov", True): 1, ("ramzan-kadyrov", False): 7}
        assert {(hit.zone, hit.why_not) for hit in hits if hit.entity_id == "site-34"} == {("trailer", "zone")}
        assert {hit.zone for hit in hits if hit.is_counted} == {"title", "lead", "body"}


def test_every_fact_of_a_plain_article() -> None:
    article = read_article(TEXT, key="post/2026/03/01/a.txt", bucket="news")
    assert article.article_id == article_id("news", "post/2026/03/01/a.txt", "", 1)
    assert article.article_id == hashlib.sha256(b"news\0post/2026/03/01/a.txt\0\0001").hexdigest()
    assert (article.member, article.record_no, article.url) == ("", 1, None)
    assert (article.title, article.title_key) == ("Ferry strike ends", "ferry strike ends")
    assert article.body == "The crews went back to work.\n\nNobody was hurt."
    assert (article.body_chars, article.body_words, article.encoding) == (46, 9, "utf-8")
    assert (article.trailer, article.headline_echo) == (None, None)
    assert (article.source, article.source_from) == ("post", "key")
    assert (article.dating.published_on, article.dating.date_from) == (date(2026, 3, 1), "key")
    assert article.content_sha256 == hashlib.sha256(b"The crews went back to work. Nobody was hurt.").hexdigest()


@pytest.mark.parametrize(
    ("content", "title", "body"),
    [
        ("\n \n\ufeff\n  Title  \nBody.", "Title", "Body."),  # the first line that is not empty
        ("\u200bTitle\u200b\nBody.\u00a0", "Title", "Body."),
        ("t" * 300 + "\nBody.", "t" * 300, "Body."),
        ("t" * 301 + "\nBody.", None, "t" * 301 + "\nBody."),
        ("t" * 121, None, "t" * 121),
        ("\n" + "t" * 121 + "\n\n", None, "t" * 121),
        ("t" * 120 + "\nBody.", "t" * 120, "Body."),
        ("ü" * 300 + "\nBody.", "ü" * 300, "Body."),  # characters, not bytes
        ("Title\nOne.\n\n\n\nTwo.\n \nThree.", "Title", "One.\n\nTwo.\n\nThree."),
        ("Title\rBody.", "Title", "Body."),
        ("Title\n=HYPERLINK(1)", "Title", "=HYPERLINK(1)"),
    ],
)
def test_b4_title_and_body(content: str, title: str | None, body: str) -> None:
    article = read_article(content)
    assert (article.title, article.body) == (title, body)
    assert (article.title_key is None) == (title is None)


def test_b4_a_body_without_a_title_has_no_echoes() -> None:
    line = "word " * 61
    assert read_article(f"{line}\nword\n{line}").headline_echo is None


def test_b1_zero_bytes() -> None:
    assert read_rejection(b"").reason_code == "empty_file"


@pytest.mark.parametrize(
    "content",
    [
        b" ",
        b"\n\r\n\t",
        codecs.BOM_UTF8,
        codecs.BOM_UTF8 + b"\n",
        codecs.BOM_UTF16_LE,
        "\u00a0\u3000\u2003".encode(),
        "\u200b\u200d\ufeff\u2060".encode(),
        "\u200b \u200b\n\u200b\u00a0\u200c\n".encode(),  # invisible and white space by turns
        b"\x01\x02\x1b",
    ],
)
def test_b2_nothing_that_can_be_seen(content: bytes) -> None:
    rejection = read_rejection(content)
    assert (rejection.reason_code, rejection.outcome) == ("empty_after_trim", "quarantined")


@pytest.mark.parametrize("content", ["Title", "\n\nTitle \n \n", "t" * 120, "\ufeffTitle\n\u200b"])
def test_b3_a_single_short_line_is_a_title_without_a_body(content: str) -> None:
    assert read_rejection(content).reason_code == "no_body"


def test_b5_a_byte_order_mark_changes_nothing_but_the_bytes() -> None:
    assert read_article(codecs.BOM_UTF8 + TEXT.encode()) == read_article(TEXT)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_b6_wide_text_with_a_mark_has_the_same_content(encoding: str) -> None:
    article = read_article("\ufeff".encode(encoding) + TEXT.encode(encoding))
    assert (article.encoding, article.content_sha256) == (encoding, read_article(TEXT).content_sha256)


def test_b6_wide_text_without_a_mark() -> None:
    assert read_rejection(TEXT.encode("utf-16-le")).reason_code == "encoding_suspect_utf16"


def test_b7_a_charset_counts_for_the_source_that_declares_it() -> None:
    raw = "Fähre fährt\n\nDie Fähre fährt wieder.".encode("cp1252")
    sources = [{"source": "post", "charset": "windows-1252"}]
    article = read_article(raw, key="post/2026/03/01/a.txt", sources=sources)
    assert (article.title, article.encoding) == ("Fähre fährt", "cp1252")
    rejection = read_rejection(raw, key="mail/2026/03/01/a.txt", sources=sources)
    assert (rejection.reason_code, rejection.source) == ("encoding_invalid", "mail")
    assert "byte 1" in rejection.detail


@pytest.mark.parametrize("raw", [b"Title\n\nab\xc0\xaf", b"Title\n\nab\xed\xa0\x80"])
def test_b8_overlong_and_half_characters(raw: bytes) -> None:
    assert read_rejection(raw).reason_code == "encoding_invalid"


def test_b10_a_nul_byte_is_binary_and_other_control_characters_go() -> None:
    assert read_rejection(TEXT.encode() + b"\0").reason_code == "binary_content"
    assert read_article("Title\n\nThe \x07body\x1b\x7f.").body == "The body."


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"%PDF-1.7\n", "not_text:pdf"),
        (b"\xff\xd8\xff\xe0", "not_text:jpeg"),
        (b"PK\x03\x04....", "not_text:zip"),
        (b"<html><p>", "no_body"),
        (b'{"title": "A"}', "no_body"),
    ],
)
def test_b11_what_is_no_text_is_named(raw: bytes, code: str) -> None:
    rejection = read_rejection(raw)
    assert (rejection.reason_code, rejection.outcome) == (code, "quarantined")


def test_b12_the_limit_is_what_the_setting_says_to_the_byte() -> None:
    assert isinstance(read(TEXT, max_article_bytes=len(TEXT)), Article)
    assert read_rejection(TEXT, max_article_bytes=len(TEXT) - 1).reason_code == "too_large"


@pytest.mark.parametrize(
    "title", ["=HYPERLINK(1)", "+1", "-1", "@name", "<script>alert(1)</script>", "a\u202eb", "'); DROP TABLE x;--"]
)
def test_b23_b24_b25_hostile_titles_are_kept_as_they_are(title: str) -> None:
    assert read_article(f"{title}\n\nThe body.").title == title


def test_b24_the_sample_of_a_rejection_is_harmless() -> None:
    sample = read_rejection(b"%PDF-1.7 \x1b[31m \xe2\x80\xae \x00\x9b " + b"x" * 900).sample
    assert sample.startswith("%PDF-1.7  [31m ")
    assert len(sample) == 200
    assert not any(unicodedata.category(char) == "Cc" or char == "\u202e" for char in sample)


@pytest.mark.parametrize(
    ("metadata", "key", "source", "source_from"),
    [
        ({"source": " meta "}, "key/2026/03/01/a.txt", "meta", "metadata"),
        ({"source": "  "}, "key/2026/03/01/a.txt", "key", "key"),
        ({}, "key/2026/03/01/a.txt", "key", "key"),
        ({}, "2026/03/01/a.txt", "site-34", "trailer"),
        ({}, "a.txt", "site-34", "trailer"),
    ],
)
def test_the_source_is_told_by_metadata_then_key_then_trailer(
    metadata: dict[str, str], key: str, source: str, source_from: str
) -> None:
    article = read_article(TEXT + "source site-34", metadata=metadata, key=key)
    assert (article.source, article.source_from) == (source, source_from)
    assert article.trailer == "source site-34"


def test_without_any_of_them_the_source_is_unknown() -> None:
    article = read_article(TEXT)
    assert (article.source, article.source_from) == ("unknown", "none")


def test_patterns_look_at_the_key_below_the_landing_prefix() -> None:
    article = read_article(TEXT, key="in/box/post/2026/03/01/a.txt", prefix="in/box/")
    assert (article.source, article.dating.published_on) == ("post", date(2026, 3, 1))


def test_the_zone_of_a_source_that_the_trailer_names_decides_the_day() -> None:
    article = read_article(
        TEXT + "source site-34",
        metadata={"published-at": "2026-03-01T23:30:00Z"},
        sources=[{"source": "site-34", "timezone": "Europe/Berlin"}],
    )
    assert article.dating.published_on == date(2026, 3, 2)


@pytest.mark.parametrize("published", ["2046-03-01", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
def test_case_10_f32_an_implausible_date_is_quarantined_under_its_source(published: str) -> None:
    rejection = read_rejection(TEXT + "source site-34", metadata={"published-at": published})
    assert (rejection.reason_code, rejection.source) == ("date_out_of_range", "site-34")


def test_case_10_an_undated_article_has_no_day() -> None:
    article = read_article(TEXT, key="a.txt", metadata={"source": "a"}, sources=[{"source": "a", "undated": "none"}])
    assert (article.dating.published_on, article.dating.date_from) == (None, None)


def test_an_echo_that_leaves_uncovers_no_trailer() -> None:
    article = read_article(
        "Ferry strike ends\nShare\nFerry strike ends\nIt is over.\nWork began.\nNobody was hurt.\n15 shares"
    )
    assert article.body == "It is over.\nWork began.\nNobody was hurt."
    assert (article.headline_echo, article.trailer) == ("Ferry strike ends", "Share\n15 shares")


def test_a_text_of_nothing_but_title_echo_and_trailer_has_an_empty_body() -> None:
    article = read_article("Ferry strike ends\nFerry strike ends\nsource site-34")
    assert (article.body, article.body_words, article.trailer) == ("", 0, "source site-34")


def test_the_content_hash_ignores_white_space_title_and_trailer_and_nothing_else() -> None:
    same = "Other title\n\nThe crews  went back\nto work. Nobody was hurt.\n(Reuters)"
    assert read_article(same).content_sha256 == read_article(TEXT).content_sha256
    assert read_article(TEXT.replace("crews", "crew")).content_sha256 != read_article(TEXT).content_sha256
    assert read_article(TEXT.replace("Nobody", "nobody")).content_sha256 != read_article(TEXT).content_sha256


TRAILERS = [line for rule in rules() for line in rule.examples.hit]
LINES = st.lists(
    st.sampled_from(["", " ", "\u200b", "Ferry strike ends", "strike ends", "Nobody was hurt.", "x" * 310, "普京说。"])
    | st.sampled_from(TRAILERS)
    | st.text(max_size=12),
    max_size=16,
)
CONTENT = (
    st.binary(max_size=200)
    | st.builds(
        lambda lines, end, encoding: end.join(lines).encode(encoding, errors="ignore"),
        LINES,
        st.sampled_from(["\n", "\r\n", "\n\n", "\u2028"]),
        st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "koi8-r"]),
    )
    | st.builds(lambda head, tail: head + tail, st.sampled_from([b"<html>", b"%PDF-", b"\x1f\x8b", b"{"]), st.binary())
)


@examples(400)
@given(
    CONTENT,
    st.text(max_size=20),
    st.dictionaries(st.sampled_from(["source", "published-at"]), st.text(max_size=30)),
    st.sampled_from([None, "cp1252", "utf-16-le", "shift_jis", "utf-8"]),
)
def test_any_bytes_have_exactly_one_outcome(
    raw: bytes, key: str, metadata: dict[str, str], charset: str | None
) -> None:
    outcome = read(raw, key=key, metadata=metadata, sources=[{"source": "unknown", "charset": charset}])
    if isinstance(outcome, Rejection):
        assert outcome.outcome == "quarantined"
        assert outcome.reason_code and outcome.detail and outcome.source
        return
    assert outcome.body_chars == len(outcome.body)
    assert outcome.body_words == count_words(outcome.body)
    assert outcome.title_key == headline_key(outcome.title)
    assert outcome.title is None or (outcome.title.strip() and len(outcome.title) <= 300)
    assert outcome.body == outcome.body.strip()
    assert "\n\n\n" not in outcome.body
    assert remaining_trailers("\n".join([line for line in outcome.body.split("\n") if line][-4:])) == []


@examples(300)
@given(LINES)
def test_every_line_of_a_text_lands_in_exactly_one_column(lines: list[str]) -> None:
    outcome = read("\n".join(lines))
    if isinstance(outcome, Rejection):
        return
    columns = [outcome.title, outcome.body, outcome.trailer, outcome.headline_echo, outcome.byline]
    landed = Counter(line for column in columns if column for line in column.split("\n") if line)
    clean = read("\n".join([*["t" * 310, "\n".join(lines)], "x" * 310]))  # as body, so that only cleaning has its say
    assert isinstance(clean, Article)
    cleaned = Counter(line for line in f"{clean.body}\n{clean.trailer or ''}\n{clean.byline or ''}".split("\n") if line)
    assert landed == cleaned - Counter({"t" * 310: 1, "x" * 310: 1})


BROKEN = "CafÃ© in Vessmark shut\n\nThe cafÃ© â€“ Ã¶ffnet â€“ shut on Monday, MÃ¼ller said.\n"


def test_b9_mojibake_is_repaired_only_where_the_source_asks_for_it() -> None:
    told = {"key": "post/2026/03/02/a.txt"}
    flagged = read_article(BROKEN, **told)
    assert flagged.mojibake_suspected
    assert flagged.title == "CafÃ© in Vessmark shut"
    whole = read_article(BROKEN, sources=[{"source": "post", "mojibake": "repair"}], **told)
    assert not whole.mojibake_suspected
    assert (whole.title, whole.body) == ("Café in Vessmark shut", "The café – öffnet – shut on Monday, Müller said.")
    correct = "Café shut\n\nThe café – öffnet – shut, Müller said: â is a letter, Ã too.\n"
    kept = read_article(correct, sources=[{"source": "post", "mojibake": "repair"}], **told)
    assert kept.body == correct.partition("\n\n")[2].strip()
