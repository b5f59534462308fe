"""The article in a page of HTML: trafilatura finds the text; the page's metadata tell when it was published."""

from __future__ import annotations

import codecs
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import trafilatura

from mediamonitor.parsing.decode import PAGE_ENCODINGS, Refused, decode
from mediamonitor.parsing.drafts import Draft, stripped_lines
from mediamonitor.parsing.records import Record

DATES = (
    "//meta[@property='article:published_time' or @property='og:article:published_time']/@content",
    "//meta[@itemprop='datePublished']/@content",
    "//time[@itemprop='datePublished']/@datetime",
    "//meta[@name='article:published_time' or @name='date' or @name='pubdate' or @name='publishdate']/@content",
    "//meta[@name='dcterms.issued' or @name='dcterms.created' or @name='DC.date.issued']/@content",
    "//meta[@name='parsely-pub-date']/@content",
    "//time[@pubdate]/@datetime",
)
"""Where pages say when they were published, the most explicit first (Open Graph, schema.org, Dublin Core)."""
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([a-z0-9_:.-]{1,40})", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_DEEPEST_LD = 5

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of every page that holds no article
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def html_draft(record: Record, charset: str | None) -> Draft:
    """The article in this page. Raises Refused: undecodable, or `no_body` where no article is found."""
    text, encoding = decode(record.body, _declared(record.body) or charset)
    tree = trafilatura.load_html(_XML_DECLARATION.sub("", text, count=1))
    published = None if tree is None else next(_dates(tree), None)
    found = None if tree is None else trafilatura.bare_extraction(tree, with_metadata=True, include_comments=False)
    if found is None or isinstance(found, dict) or not found.text:
        raise Refused("no_body", "no article was found in the page")
    return Draft(
        title=" ".join(found.title.split()) if found.title else None,
        lines=stripped_lines(found.text),
        encoding=encoding,
        url=found.url,
        published=published,
        date_from="html",
    )


def _declared(body: bytes) -> str | None:
    """The charset that the page declares (HTML standard: within its first bytes), under Python's name."""
    match = _CHARSET.search(body[:4096])
    if not match:
        return None
    try:
        name = codecs.lookup(match.group(1).decode()).name
    except LookupError:
        return None
    name = "cp1252" if name in {"iso8859-1", "ascii"} else name  # as every browser reads it
    return name if name in PAGE_ENCODINGS else None


def _dates(tree: Any) -> Iterator[str]:
    for path in DATES:
        yield from (str(stamp) for stamp in tree.xpath(path))
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        try:
            content = json.loads(script)
        except (ValueError, RecursionError):
            continue
        yield from _published(content, _DEEPEST_LD)


def _published(content: Any, depth: int) -> Iterator[str]:
    """Every `datePublished` in schema.org data."""
    if depth and isinstance(content, dict):
        if isinstance(content.get("datePublished"), str):
            yield content["datePublished"]
        yield from _published(list(content.values()), depth - 1)
    elif depth and isinstance(content, list):
        for each in content:
            yield from _published(each, depth - 1)
