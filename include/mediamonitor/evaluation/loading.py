"""Sets that tell what must load and what must be refused: horne2017, chardet_encodings, and four in other languages."""

from __future__ import annotations

import codecs
import html
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from mediamonitor.article import Article, Rejection
from mediamonitor.errors import ConfigurationError
from mediamonitor.evaluation.documents import Document, files_below, flat, flat_lines
from mediamonitor.evaluation.report import Findings
from mediamonitor.parsing.drafts import LONGEST_ONLY_LINE
from mediamonitor.parsing.formats import SNIFF_BYTES, tell
from mediamonitor.watchlist.folding import fold
from mediamonitor.watchlist.matcher import Matcher, Texts
from mediamonitor.watchlist.model import Watchlist

UNREADABLE = "buzzfeed/fake/14_Fake.txt"
"""A file of horne2017 that its charset does not read either."""
ASCII, DECLARED, UNDECLARED, BOTH = (
    "ASCII files load, declared or not",
    "cp1252 files load under the declared charset",
    "cp1252 files are refused with encoding_invalid without it",
    f"{UNREADABLE} is refused both ways",
)
_FOREIGN = re.compile(r"[^\x00-\x7f\s]+")
_LONG_WORD = re.compile(r"\b[^\W\d_]{4,}\b")
NAMES = 500
"""Words that the offsets are tried with."""
_LANGUAGE = re.compile(r"-(?!BE$|LE$)[A-Za-z]{4,}$")


def horne2017(folder: Path, findings: Findings) -> None:
    """Files in cp1252, of which the flow must refuse what is not ASCII unless the charset is declared.

    A file that is UTF-8 as it stands must load both ways, as the ASCII files do, and counts among them.
    """
    right: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for document in files_below(folder / "articles"):
        findings.documents += 1
        bare, declared = document.read(findings), document.read(findings, "cp1252")
        for name, is_right in _judged(document, bare, declared):
            whole[name] += 1
            right[name] += is_right
            if not is_right:
                findings.case(document.doc, f"not so: {name}", f"{_told(bare)}, declared: {_told(declared)}")
    for name in (ASCII, DECLARED, UNDECLARED, BOTH):
        findings.measure(name, right[name], whole[name], 1.0)


def _judged(document: Document, bare: Article | Rejection, declared: Article | Rejection) -> Iterator[tuple[str, bool]]:
    if document.doc == UNREADABLE:
        yield BOTH, _told(bare) == _told(declared) == "encoding_invalid"
    elif _reads(document.raw, "utf-8"):
        yield ASCII, isinstance(bare, Article) and isinstance(declared, Article)
    else:
        yield DECLARED, isinstance(declared, Article)
        yield UNDECLARED, _told(bare) == "encoding_invalid"


def _told(outcome: Article | Rejection) -> str:
    return "loads" if isinstance(outcome, Article) else outcome.reason_code


def _reads(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def chardet_encodings(folder: Path, findings: Findings) -> None:
    """Files in the encoding that their folder is named after, read without a declared charset and with the true one.

    A file is equal if all its text stands in its bytes read as the true encoding (of a page: all its runs of letters
    that are not ASCII, since tags are gone). A file that is not valid in its own encoding counts as wrong if it loads
    with other text than its valid parts.
    """
    outcomes: Counter[tuple[str, str]] = Counter()
    for document in files_below(folder):
        findings.documents += 1
        encoding = _encoding_of(document)
        for way, charset in (("undeclared", None), ("declared", encoding)):
            article = document.read(findings, charset)
            outcome = "refused" if isinstance(article, Rejection) else _compared(document, article, encoding)
            outcomes[way, outcome] += 1
            if isinstance(article, Article) and outcome == "wrong":
                findings.case(document.doc, f"{way}, read as {article.encoding}", article.title or article.body)
    for way in ("undeclared", "declared"):
        findings.measure(
            f"{way}: not wrong in silence", findings.documents - outcomes[way, "wrong"], findings.documents, 1.0
        )
        for outcome in ("equal", "refused", "wrong"):
            findings.measure(f"{way}: {outcome}", outcomes[way, outcome], findings.documents)


def _encoding_of(document: Document) -> str:
    """The true encoding; a folder may add a language to it, as in `iso-8859-2-czech`."""
    name = _LANGUAGE.sub("", document.doc.partition("/")[0])
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise ConfigurationError(f"{document.doc}: its folder is not named after an encoding") from None


def _compared(document: Document, article: Article, encoding: str) -> str:
    true = document.raw.decode(encoding, errors="replace")
    parts = [article.title or "", article.body, article.trailer or "", article.headline_echo or ""]
    if tell(document.raw[:SNIFF_BYTES], document.doc) == "html":
        found, true = _FOREIGN.findall(" ".join(parts)), flat(html.unescape(true))
    else:
        found, true = [line for part in parts for line in flat_lines(part)], flat(true)
    return "equal" if all(one in true for one in found) else "wrong"


def loading(folder: Path, findings: Findings) -> None:
    """Articles of which none may be lost for having one line, and what is found in them must stand where it says.

    A single line of at most LONGEST_ONLY_LINE characters is a title without a body (contract §1); it counts only among
    all that load.
    """
    loaded = one_line = one_line_loaded = 0
    articles: list[Article] = []
    for document in files_below(folder / "articles"):
        findings.documents += 1
        article, lines = document.read(findings), document.lines()
        is_loaded = isinstance(article, Article)
        is_one_line = len(lines) == 1 and len(lines[0]) > LONGEST_ONLY_LINE
        loaded += is_loaded
        one_line += is_one_line
        one_line_loaded += is_one_line and is_loaded
        if isinstance(article, Rejection):
            findings.refused(document.doc, article, weight=1 + is_one_line)
        else:
            articles.append(article)
    exact, hits = _exact_hits(articles)
    findings.measure("hits whose offsets hold the name", exact, hits, 1.0)
    findings.measure(
        f"articles of one line over {LONGEST_ONLY_LINE} characters that load", one_line_loaded, one_line, 1.0
    )
    findings.measure("articles that load", loaded, findings.documents)


def _exact_hits(articles: list[Article]) -> tuple[int, int]:
    """How many hits of NAMES frequent words hold just that word where they say it stands, and all of them."""
    words = Counter(word for article in articles for word in _LONG_WORD.findall(article.body))
    names = sorted(words, key=lambda word: (-words[word], word))[:NAMES]
    if not names:
        return 0, 0
    entities = [{"id": f"word-{number}", "name": name, "kind": "place"} for number, name in enumerate(names)]
    matcher = Matcher(Watchlist.model_validate({"version": 1, "entities": entities}))
    exact = hits = 0
    for article in articles:
        asides = {name: getattr(article, name) for name in ("title", "trailer", "byline", "headline_echo")}
        texts = Texts(body=article.body, dateline=article.dateline, language=article.language, **asides)
        for hit in matcher.match(texts, article.dating.published_on):
            text = asides.get(hit.zone, article.body)
            exact += fold(text[hit.start_char : hit.end_char]) == fold(hit.alias)
            hits += 1
    return exact, hits
