"""The quality pages that are published: our own index, and Great Expectations' Data Docs without outside hosts."""

from __future__ import annotations

import html
from collections.abc import Sequence
from string import Template
from typing import Any

from lxml import html as lxml_html

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse;width:100%;margin:1rem 0}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #d8dee4}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.ok{color:#1a7f37}.bad{color:#b42318;font-weight:600}.empty{color:#57606a}
img,svg{max-width:100%}.row{margin:.5rem 0}.hide,.collapse:not(.show){display:block}nav ol{padding-left:1rem}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}
th,td{border-color:#30363d}.ok{color:#3fb950}.bad{color:#ff7b72}a{color:#58a6ff}}
"""

_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Data quality · Media Monitor</title><style>$style</style></head>
<body><h1>Data quality</h1>
<p>What each validation found. A row that fails goes to quarantine with the expectation as its reason; a failed table
expectation stops the load. $docs</p>
$results
<h2>In quarantine</h2>
$quarantine
</body></html>
""")


def quality_index(results: Sequence[Sequence[Any]], quarantine: Sequence[Sequence[Any]], has_docs: bool) -> bytes:
    """`quality/index.html`.

    `results` are rows of (run_id, at, expectation, severity, success, rows, unexpected), the newest run first;
    `quarantine` rows of (reason_code, stage, records).
    """
    docs = (
        '<a href="data-docs/index.html">Great Expectations’ own pages</a> show the last one in detail.'
        if has_docs
        else ""
    )
    by_run: dict[str, list[Sequence[Any]]] = {}
    for row in results:
        by_run.setdefault(f"{row[0]} · {row[1]:%Y-%m-%d %H:%M} UTC", []).append(row)
    sections = [
        f"<h2>{html.escape(run)}</h2>"
        + _table(
            ("expectation", "kind", "rows", "failed", ""), [(row[2], row[3], row[5], row[6], row[4]) for row in rows]
        )
        for run, rows in by_run.items()
    ]
    held = (
        _table(("reason", "found by", "records"), quarantine)
        if quarantine
        else '<p class="empty">Nothing is in quarantine.</p>'
    )
    body = "".join(sections) or '<p class="empty">Nothing has been validated yet.</p>'
    return _PAGE.substitute(style=STYLE, docs=docs, results=body, quarantine=held).encode()


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    numbers = {index for index, value in enumerate(rows[0]) if type(value) is int} if rows else set()
    names = "".join(f"<th{' class=n' * (index in numbers)}>{name}</th>" for index, name in enumerate(head))
    lines = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table><tr>{names}</tr>{lines}</table>"


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return '<td class="ok">holds</td>' if value else '<td class="bad">failed</td>'
    if isinstance(value, int):
        return f'<td class="n">{value:,}</td>'
    return f"<td>{html.escape(str(value))}</td>"


def without_outside_hosts(page: bytes) -> bytes:
    """A Data Docs page that loads nothing from elsewhere: scripts and outside style sheets go, a plain style comes."""
    tree = lxml_html.document_fromstring(page.decode("utf-8"))
    for element in list(tree.iter("script", "link", "iframe", "object", "embed", "base", "img")):
        element.drop_tree()  # type: ignore[attr-defined]
    for element in tree.iter():
        for name, value in list(element.attrib.items()):
            if str(name).startswith("on") or (name in {"src", "srcset", "action", "data-src"} and "//" in value):
                del element.attrib[name]
            elif name == "href" and "//" in value:
                element.attrib[name] = "#"
    for style in list(tree.iter("style")):
        if "//" in (style.text or ""):
            style.drop_tree()  # type: ignore[attr-defined]
    head = tree.find("head")
    if head is not None:
        style = lxml_html.Element("style")
        style.text = STYLE
        head.append(style)
    return bytes(lxml_html.tostring(tree, doctype="<!doctype html>", encoding="utf-8"))
