"""`evaluate` over tiny made sets: each measure can be met and can be missed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mediamonitor.article import Hit
from mediamonitor.cli import main
from mediamonitor.errors import ConfigurationError
from mediamonitor.evaluation.causes import made_up, missed
from mediamonitor.evaluation.evaluate import SETS, evaluate
from mediamonitor.evaluation.report import LONGEST_CASE, SHOWN, Case, Evaluation, Findings, Measure
from mediamonitor.parsing.reader import Reader

TEXT = "The council met on Monday and agreed to mend the bridge."
MORE = "Work begins after the summer, the mayor said."
LONG = " ".join([TEXT, MORE] * 3)
TRAILER = "(Reuters)"
KEPT_TRAILER = "The bridge song is sung every year."


def a_set(
    folder: Path, files: dict[str, str | bytes], gold: list[dict[str, Any]], gold_name: str = "gold.jsonl"
) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    if gold:
        (folder / gold_name).write_text("\n".join(json.dumps(one) for one in gold) + "\n", encoding="utf-8")
    return folder


def counts(found: Evaluation) -> dict[str, tuple[int, int, bool]]:
    return {one.name: (one.part, one.whole, one.met) for one in found.measures}


def window(*lines: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"from_end": place, "text": text, "label": label} for place, (label, text) in enumerate(lines, start=1)]


PRECISION, RECALL = "precision: T gone of T and K gone", "recall: T gone of all T"
INLINE = "inline spans gone, the text before them there"


@pytest.mark.parametrize(
    ("labels", "precision", "recall"),
    [
        (("T", "K"), (1, 1, True), (1, 1, True)),
        (("K", "K"), (0, 1, False), (0, 0, True)),
        (("T", "T"), (1, 1, True), (1, 2, False)),
        (("O", "I"), (0, 0, True), (0, 0, True)),
    ],
)
def test_trailer_gold_by_line(
    tmp_path: Path, labels: tuple[str, str], precision: tuple[int, int, bool], recall: tuple[int, int, bool]
) -> None:
    gold = {"doc": "articles/1.txt", "inline": None, "window": window((labels[0], TRAILER), (labels[1], f" {MORE}"))}
    folder = a_set(tmp_path / "trailer_gold", {"articles/1.txt": f"Bridge\n\n{TEXT}\n{MORE}\n{TRAILER}\n"}, [gold])
    found = counts(evaluate(folder))
    assert (found[PRECISION], found[RECALL]) == (precision, recall)


def test_trailer_gold_inline_spans_are_reported_without_a_target(tmp_path: Path) -> None:
    text = f"Bridge\n\n{TEXT}\n{MORE} Zebra stripes here.\n"
    spans = [{"from_end": 1, "remove_from": len(MORE) + 1, "removed": span} for span in ("Zebra stripes", "Lion mane")]
    golds = [{"doc": f"articles/{n}.txt", "window": [], "inline": span} for n, span in enumerate(spans)]
    found = evaluate(a_set(tmp_path / "trailer_gold", {gold["doc"]: text for gold in golds}, golds))
    assert counts(found)[INLINE] == (1, 2, True)
    assert [case.line() for case in found.worst] == ["articles/0.txt: inline left: Zebra stripes"]


def test_trailer_gold_a_refused_document_is_wrong_in_every_line(tmp_path: Path) -> None:
    gold = {"doc": "articles/1.txt", "inline": None, "window": window(("T", TRAILER), ("K", MORE))}
    found = evaluate(a_set(tmp_path / "trailer_gold", {"articles/1.txt": b"\xff\n" + MORE.encode()}, [gold]))
    assert counts(found)[PRECISION] == (0, 1, False)
    assert counts(found)[RECALL] == (0, 1, False)
    assert found.worst[0].what == "refused: encoding_invalid"


AEB_RECALL, AEB_PRECISION = (
    "recall: characters of drop lines at the end gone",
    "precision: of what is cut, not keep or mixed",
)


def labelled(*lines: tuple[str, str]) -> tuple[str, list[dict[str, str]]]:
    return "\n".join(text for _, text in lines), [{"label": label, "text": text} for label, text in lines]


@pytest.mark.parametrize(
    ("lines", "recall", "precision"),
    [
        ([("keep", MORE), ("drop", TRAILER)], (9, 9, True), (9, 9, True)),
        ([("keep", MORE), ("keep", TRAILER)], (0, 0, True), (0, 9, False)),
        ([("mixed", MORE), ("drop", KEPT_TRAILER), ("drop", TRAILER)], (9, 9 + len(KEPT_TRAILER), False), (9, 9, True)),
        ([("drop", KEPT_TRAILER), ("keep", MORE)], (0, 0, True), (0, 0, True)),
    ],
)
def test_aeb_counts_characters(
    tmp_path: Path,
    lines: list[tuple[str, str]],
    recall: tuple[int, int, bool],
    precision: tuple[int, int, bool],
) -> None:
    text, gold = labelled(("title", "Bridge"), ("keep", TEXT), *lines)
    folder = a_set(
        tmp_path / "aeb", {"inputs/1.txt": text}, [{"doc": "inputs/1.txt", "lines": gold}], "inputs_gold.jsonl"
    )
    found = counts(evaluate(folder))
    assert (found[AEB_RECALL], found[AEB_PRECISION]) == (recall, precision)


def test_aeb_an_inline_cut_costs_what_it_cuts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, gold = labelled(("title", "Bridge"), ("keep", TEXT), ("keep", f"{MORE} (Zebra)"))
    folder = a_set(
        tmp_path / "aeb", {"inputs/1.txt": text}, [{"doc": "inputs/1.txt", "lines": gold}], "inputs_gold.jsonl"
    )
    assert counts(evaluate(folder))[AEB_PRECISION] == (0, 0, True)
    from mediamonitor.evaluation import tails

    monkeypatch.setattr(tails, "flat_lines", lambda body: [line.removesuffix(" (Zebra)") for line in body.split("\n")])
    assert counts(evaluate(folder))[AEB_PRECISION] == (0, len(" (Zebra)"), False)


CLEAN = "articles of which nothing is cut"


def test_bbc_news_nothing_may_be_cut(tmp_path: Path) -> None:
    clean = f"The bridge is mended\n\n{TEXT}\n\nThe bridge is mended\n{MORE}\n"
    files = {"articles/a/1.txt": clean, "articles/a/2.txt": b"Caf\xe9\n\n" + TEXT.encode()}
    folder = a_set(tmp_path / "bbc_news", files, [])
    assert counts(evaluate(folder))[CLEAN] == (1, 1, True)
    a_set(
        folder, {"articles/a/3.txt": clean + TRAILER, "articles/a/4.txt": f"The bridge is mended\nbridge\n{TEXT}\n"}, []
    )
    found = evaluate(folder)
    assert counts(found)[CLEAN] == (1, 3, False)
    assert counts(found)["articles that load"] == (3, 4, True)
    assert [case.line() for case in found.worst][:2] == ["a/3.txt: cut: (Reuters)", "a/4.txt: cut: bridge"]


WIRE = (
    "Mill Corp <MILL> mends bridge\n\n    OXFORD, March 3 - {}\nsources said at noon. Copyright laws were no\nbar.\n{}"
)


def wire(
    folder: Path, text: str, dateline: str = "OXFORD, March 3 -", day: str = "3-MAR-1987 12:00:01.02"
) -> Evaluation:
    gold = {"doc": "articles/1.txt", "date": day, "dateline": dateline}
    return evaluate(a_set(folder / "reuters21578", {"articles/1.txt": text}, [gold]))


def test_reuters_text(tmp_path: Path) -> None:
    found = counts(wire(tmp_path, WIRE.format(TEXT, " Reuter\n")))
    assert found["bare Reuter lines gone"] == (1, 1, True)
    assert found["<TICKER> tokens kept"] == (1, 1, True)
    assert found["source and copyright sentences kept"] == (1, 1, True)
    assert found["days within one day of the wire"] == (1, 1, True)


def test_reuters_what_is_cut_or_left_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mediamonitor.evaluation import wires

    text = WIRE.format(TEXT, " Reuter\n")
    monkeypatch.setattr(wires, "flat_lines", lambda text: ["Reuter"])
    found = counts(wire(tmp_path, text))
    assert found["bare Reuter lines gone"] == (0, 1, False)
    monkeypatch.setattr(wires, "flat", lambda text: "cut" if "bridge" in text else text)
    found = counts(wire(tmp_path, text))
    assert found["<TICKER> tokens kept"] == (0, 1, False)
    assert found["source and copyright sentences kept"] == (0, 1, False)


def test_reuters_days(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace
    from datetime import date

    read = Reader.read
    text = WIRE.format(TEXT, "")

    def dated(day: date | None, date_from: str) -> dict[str, tuple[int, int, bool]]:
        def other_day(*arguments: Any) -> Any:
            article: Any = read(*arguments)
            dating: Any = replace(article.dating, published_on=day, date_from=date_from)
            return replace(article, dating=dating)

        monkeypatch.setattr(Reader, "read", other_day)
        return counts(wire(tmp_path, text))

    line, day = "gold datelines read, with their month and day", "days within one day of the wire"
    assert [dated(date(1998, 3, 3), "dateline")[name] for name in (line, day)] == [(1, 1, True), (1, 1, True)]
    assert [dated(date(1998, 3, 3), "last_modified")[name] for name in (line, day)] == [(0, 1, False), (1, 1, True)]
    assert [dated(date(1998, 3, 4), "dateline")[name] for name in (line, day)] == [(0, 1, False), (1, 1, True)]
    assert [dated(date(1997, 3, 3), "dateline")[name] for name in (line, day)] == [(1, 1, True), (0, 1, False)]
    assert dated(None, "none")[day] == (0, 1, False)


def test_horne2017_loads_under_the_declared_charset_only(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "articles/a/1.txt": f"Bridge\r\n\r\n{TEXT}\r\n",
        "articles/a/2.txt": b"Bridge\r\n\r\nCaf\xe9 \x93quoted\x94 " + TEXT.encode(),
        "articles/buzzfeed/fake/14_Fake.txt": b"Bridge\n\nCaf\xe9 \x9d " + TEXT.encode(),
    }
    folder = a_set(tmp_path / "horne2017", files, [])
    assert [(one.part, one.whole, one.met) for one in evaluate(folder).measures] == [
        *[(1, 1, True)] * 4,
        (6, 6, True),
    ]
    a_set(
        folder,
        {"articles/a/1.txt": "", "articles/a/2.txt": b"\xe9\x9d", "articles/buzzfeed/fake/14_Fake.txt": LONG},
        [],
    )
    assert [(one.part, one.whole) for one in evaluate(folder).measures] == [(0, 1), (0, 1), (1, 1), (0, 1), (6, 6)]


def test_chardet_encodings_tells_equal_refused_and_wrong(tmp_path: Path) -> None:
    czech = f"Město opraví most\n\nŘekl to starosta. {TEXT}\n"
    page = (
        f"<html><head><title>Most</title></head><body><p>Řekl&nbsp;to <b>starosta</b>.</p><p>{LONG}</p></body></html>"
    )
    files: dict[str, str | bytes] = {
        "iso-8859-2-czech/1.txt": czech.encode("iso-8859-2"),
        "utf-8/1.txt": czech,
        "utf-8/2.html": page,
        "UTF-16BE/1.txt": b"\xfe\xff" + czech.encode("utf-16-be"),
    }
    folder = a_set(tmp_path / "chardet_encodings", files, [])
    found = counts(evaluate(folder))
    assert {name: found[f"undeclared: {name}"][0] for name in ("equal", "refused", "wrong")} == {
        "equal": 3,
        "refused": 1,
        "wrong": 0,
    }
    assert found["declared: equal"][0] == 4
    assert found["undeclared: not wrong in silence"] == (4, 4, True)
    a_set(folder, {"windows-1250-czech/2.txt": czech, "windows-1250-czech/3.html": page}, [])  # they are UTF-8
    found = counts(evaluate(folder))
    assert found["undeclared: not wrong in silence"] == (4, 6, False)
    assert found["declared: wrong"][0] == 2


@pytest.mark.parametrize("name", ["ant_arabic", "gnad10k_test_de", "n3_news100_de"])
def test_no_article_is_lost_for_having_one_line(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files: dict[str, str | bytes] = {
        "articles/1.txt": LONG,
        "articles/2.txt": f"{TEXT}\n{MORE}",
        "articles/3.txt": MORE,
    }
    folder = a_set(tmp_path / name, files, [])
    (folder / "gold.jsonl").write_text("", encoding="utf-8")
    found = counts(evaluate(folder))
    line = "articles of one line over 120 characters that load"
    assert found[line] == (1, 1, True)
    assert found["articles that load"] == (2, 3, True)
    monkeypatch.setattr(Reader, "read", lambda *arguments: 1 / 0)
    broken = evaluate(folder)
    assert counts(broken)[line] == (0, 1, False)
    assert counts(broken)["readings that raise no exception"] == (0, 3, False)
    assert broken.worst[0].line() == "1.txt: raised: ZeroDivisionError: division by zero"


def test_elevant_el_by_mention(tmp_path: Path) -> None:
    text = "Mara Lindqvist came. Lindqvist spoke. Jonah came. Then Lindqvist left. Outside: Lindqvist."
    person = {"name": "Mara Lindqvist", "type": "Q215627", "coref": False}
    marks = [
        {**one, **person}
        for one in (
            {"start": 0, "end": 14, "text": "Mara Lindqvist", "entity": "Q1"},
            {"start": 21, "end": 30, "text": "Lindqvist", "entity": "Q1"},
            {"start": 38, "end": 43, "text": "Mara", "entity": "Q1"},
        )
    ]
    gold = {"doc": "news-fair-v2/1.txt", "evaluation_span": [0, 75], "mentions": marks}
    folder = a_set(tmp_path / "elevant_el", {"news-fair-v2/1.txt": text}, [gold], "news-fair-v2/gold.jsonl")
    (folder / "msnbc-updated").mkdir()
    (folder / "msnbc-updated" / "gold.jsonl").write_text("", encoding="utf-8")
    found = counts(evaluate(folder))
    assert (found["precision"][:2], found["recall"][:2]) == ((2, 3), (2, 3))
    assert found["F1 of the persons named, right twice of gold and found"] == (4, 6, False)


def test_newswcl50_by_mention_that_holds_the_surname(tmp_path: Path) -> None:
    text = "Theresa May came. Mrs. May spoke. The prime minister left. May 5 was cold."
    marks = [
        {"start": 0, "end": 11, "text": "Theresa May", "entity": "5_GBR_May_ACTOR"},
        {"start": 18, "end": 26, "text": "Mrs. May", "entity": "5_GBR_May_ACTOR"},
        {"start": 34, "end": 52, "text": "The prime minister", "entity": "5_GBR_May_ACTOR"},
        {"start": 0, "end": 3, "text": "The", "entity": "5_GBR_Nobody_ACTOR"},
    ]
    gold = {"doc": "articles/1.txt", "mentions": marks}
    found = evaluate(a_set(tmp_path / "newswcl50", {"articles/1.txt": text}, [gold]))
    assert counts(found)["mentions that hold the surname found"] == (2, 2, True)
    assert counts(found)["precision: hits that are labelled so"] == (2, 3, True)
    assert "no full name is known: 5_GBR_Nobody_ACTOR" in found.worst[0].line()


def test_slavicner_by_article_and_person(tmp_path: Path) -> None:
    text = "Визит\n\nВ Москву приехал Рамзан Кадыров. Потом говорили с Рамзаном Кадыровым. Кадыровка не при чём здесь."
    marks = [
        {"text": form, "lemma": "Рамзан Кадыров", "type": "PER", "entity": "PER-Kadyrov", "start": 0, "end": 1}
        for form in ("Рамзан Кадыров", "Рамзаном Кадыровым", "Рамзану Кадырову")
    ]
    gold = {"doc": "articles/1.txt", "lang": "ru", "mentions": marks}
    evaluation = evaluate(a_set(tmp_path / "slavicner", {"articles/1.txt": text}, [gold]))
    assert dict(evaluation.causes) == {"missed: inflection": 1}
    found = counts(evaluation)
    assert found["F1 of the persons named in ru, by the full name alone with its surname"][:2] == (4, 5)
    assert found["F1 of the persons named in ru, inflected"] == (4, 5, False)
    assert found["F1 of the persons named in pl, inflected"] == (0, 0, True)
    assert found["articles that load"] == (1, 1, True)


@pytest.mark.parametrize(
    ("text", "aliases", "beside", "cause"),
    [
        ("Kadyrovem", ["Kadyrov"], [], "inflection"),
        ("the Chechen leader", ["Kadyrov"], [], "alias missing"),
        ("Kadyrov", ["Ramzan Kadyrov"], [Hit("k", "Kadyrov", "lead", 0, 7, "surname")], "surname"),
        ("Kadyrov", ["Kadyrov"], [Hit("k", "Kadyrov", "lead", 0, 7, "ambiguous")], "ambiguity"),
        ("Kadyrov", ["Kadyrov"], [Hit("street", "Kadyrov Street", "lead", 0, 14)], "ambiguity"),
        ("Kadyrov", ["Kadyrov"], [], "border"),
        ("KADYROV", ["Kadyrov"], [], "case"),
        ("Kadyrov", ["Kadyrov"], [Hit("k", "Kadyrov", "trailer", 0, 7, "zone")], "zone"),
    ],
)
def test_why_a_mention_was_missed(text: str, aliases: list[str], beside: list[Hit], cause: str) -> None:
    assert missed(text, aliases, beside, "k") == cause


@pytest.mark.parametrize(
    ("alias", "text", "cause"),
    [
        ("Kadyrov", "Kadyrov", "surname"),
        ("Ramzan Kadyrov", "Ramzana Kadyrova", "inflection"),
        ("Ramzan Kadyrov", "Ramzan Kadyrov", "not labelled"),
    ],
)
def test_why_something_was_found_that_is_none(alias: str, text: str, cause: str) -> None:
    assert made_up(Hit("k", alias, "lead", 0, 7), text, "Ramzan Kadyrov") == cause


def test_n3_news100_de_by_the_names_of_pages(tmp_path: Path) -> None:
    page = "http://de.dbpedia.org/resource/Golf_(Begriffskl%C3%A4rung)"
    mentions = [
        {"start": 0, "end": 4, "text": "Golf", "entity": page},
        {"start": 9, "end": 13, "text": "golf", "entity": page},
        {"start": 31, "end": 35, "text": "Meer", "entity": page},
    ]
    gold = [{"doc": "articles/1.txt", "mentions": mentions}]
    text = {"articles/1.txt": "Golf und golf und Golf und das Meer."}
    found = evaluate(a_set(tmp_path / "n3_news100_de", text, gold))
    measure = counts(found)["F1 of the names, not inflected, the page's name as only alias"]
    assert measure == (2, 4, True)
    assert dict(found.causes) == {"missed: case": 1, "made up: not labelled": 1}


def test_factrueval_ru_and_gum_wikinews_by_mention(tmp_path: Path) -> None:
    name = {"firstname": ["Юрий"], "lastname": ["Лужков"]}
    mentions: list[dict[str, Any]] = [
        {"start": 0, "end": 12, "text": "Юрия Лужкова", "entity": "1", "type": "Person", "entity_attrs": name},
        {"start": 14, "end": 21, "text": "Лужкову", "entity": "1", "type": "Person", "entity_attrs": name},
        {
            "start": 23,
            "end": 29,
            "text": "Москва",
            "entity": "2",
            "type": "LocOrg",
            "entity_attrs": {"name": ["Москва"]},
        },
    ]
    gold = [{"doc": "articles/1.txt", "mentions": mentions}]
    folder = a_set(tmp_path / "factrueval_ru", {"articles/1.txt": "Юрия Лужкова, Лужкову, Москва."}, gold)
    measure = counts(evaluate(folder))["F1 of the persons named, inflected, the full name as only alias"]
    assert measure == (4, 4, True)
    mentions = [
        {"start": 0, "end": 10, "text": "Ahmed Abdi", "entity": "Ahmed_Abdi", "type": "person"},
        {"start": 16, "end": 18, "text": "He", "entity": "Ahmed_Abdi", "type": "person"},
        {"start": 28, "end": 33, "text": "Texas", "entity": "Texas", "type": "place"},
    ]
    gold = [{"doc": "articles/1.txt", "mentions": mentions}]
    folder = a_set(tmp_path / "gum_wikinews", {"articles/1.txt": "Ahmed Abdi ran. He left for Texas. Ahmed."}, gold)
    assert counts(evaluate(folder))["F1 of the persons named, the page's name as only alias"] == (2, 2, True)


def test_the_report_is_short_and_printable() -> None:
    findings = Findings(documents=1)
    findings.measure("half", 1, 2, 0.6)
    for weight in range(SHOWN + 5):
        findings.case("doc", "what", "\x1b[31m\n" + "long " * 100, weight)
    found = Evaluation.of("made", findings)
    assert [case.weight for case in found.worst] == list(range(SHOWN + 4, 4, -1))
    assert all(line.isprintable() and len(line) <= LONGEST_CASE for line in found.lines())
    assert "MISSED  0.5000               1 of 2  half  (at least 0.6)" in found.lines()
    assert found.lines()[-1] == "A target is missed."
    assert json.loads(json.dumps(found.summary()))["cases"] == SHOWN + 5
    assert Case("doc", "what").line() == "doc: what"
    assert Measure("nothing", 0, 0, 1.0).value is None


def test_the_command_tells_by_its_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = {"doc": "articles/1.txt", "inline": None, "window": window(("T", TRAILER), ("K", MORE))}
    text = f"Bridge\n\n{TEXT}\n{MORE}\n"
    folder = a_set(tmp_path / "trailer_gold", {"articles/1.txt": text + TRAILER}, [gold])
    assert main(["evaluate", str(folder)]) == 0
    assert capsys.readouterr().out.endswith("Every target is met.\n")
    gold["window"] = window(("T", MORE))
    a_set(folder, {}, [gold])
    assert main(["evaluate", str(folder), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["holds"] is False


def test_an_unknown_set_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "zebra").mkdir()
    assert main(["evaluate", str(tmp_path / "zebra")]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "'zebra'" in told
    assert all(name in told for name in SETS)


@pytest.mark.parametrize(
    ("gold", "told"),
    [
        ("", "holds no documents"),
        ("{", "gold.jsonl, line 1: JSONDecodeError"),
        ('{"doc": "articles/none.txt"}', "line 1: FileNotFoundError"),
        ('{"doc": "gold.jsonl"}', "line 1: KeyError: 'window'"),
    ],
)
def test_a_set_that_is_not_whole_says_so(tmp_path: Path, gold: str, told: str) -> None:
    folder = tmp_path / "trailer_gold"
    with pytest.raises(ConfigurationError, match="is not there; unpack the set first"):
        evaluate(folder)
    folder.mkdir()
    (folder / "gold.jsonl").write_text(gold, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=told):
        evaluate(folder)
