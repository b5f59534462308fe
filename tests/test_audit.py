"""`audit`: what is drawn, what may be written into the sheet, and what the codes say (issue 6)."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import Stored, examples, make_watchlist, store_articles
from mediamonitor.audit.estimate import agreement, precision, recall, share
from mediamonitor.audit.sample import Drawing, Place, near_misses, stems_of
from mediamonitor.audit.sheet import Coded, read_sheet
from mediamonitor.cli import main
from mediamonitor.errors import ConfigurationError
from mediamonitor.publish.recount import recount
from mediamonitor.settings import Settings
from mediamonitor.sources import Sources
from mediamonitor.warehouse.connection import open_warehouse

DAY = date(2026, 3, 2)
FULL: Stored = ("=Ferry", "Mara Lindqvist spoke.\nNobody heard. Then Lindqvist left.", None, "en", DAY)
BARE: Stored = ("Ferry", "Lindqvist was away. The Lindqvistian style is new.", "Photo: Lindqvist", "en", DAY)
NONE: Stored = ("Ferry", "Marathon runners met.", None, "en", DAY)
UNDATED: Stored = ("Ferry", "Mara Lindqvist spoke.", None, "en", None)


@pytest.fixture
def warehouse(tmp_path: Path) -> str:
    """Twenty of each article, matched with a watchlist of one person."""
    url = f"duckdb://{tmp_path}/w.duckdb"
    with open_warehouse(Settings(warehouse=url)) as opened:
        store_articles(opened, [FULL, BARE, NONE, UNDATED] * 20)
        watchlist = make_watchlist({"name": "Mara Lindqvist"}, {"name": "Nemo Nobody"})
        recount(opened, watchlist, Sources.model_validate({"version": 1, "sources": []}))
    return url


def drawn(warehouse: str, path: Path, *more: str) -> list[dict[str, str]]:
    arguments = ["audit", "--warehouse", warehouse, "--entity", "mara-lindqvist", "--out", str(path), *more]
    assert main(arguments) == 0
    return list(csv.DictReader(path.open(encoding="utf-8-sig", newline="")))


def code(path: Path, rows: list[dict[str, str]], **coders: Any) -> Path:
    """The sheet with a code of each coder (a function of the row) in it, as a spreadsheet saves it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows({**row, **{coder: told(row) for coder, told in coders.items()}} for row in rows)
    return path


def told_by_hand(row: dict[str, str]) -> str:
    return "0" if re.search(r"istian]|Photo|Marathon]", row["sentence"]) else "1"


def test_the_sheet_holds_every_kind_of_place_with_its_size(warehouse: str, tmp_path: Path) -> None:
    rows = drawn(warehouse, tmp_path / "a.csv", "--n", "40")
    assert len(rows) == 40
    sizes = {row["stratum"]: (int(row["stratum_size"]), int(row["stratum_drawn"])) for row in rows}
    assert sizes == {
        "counted: Mara Lindqvist": (20, 10),
        "counted: Lindqvist": (20, 10),
        "not counted: surname": (20, 5),
        "not counted: zone": (20, 5),
        "not found: Lindqvist": (20, 5),
        "not found: Mara": (20, 5),
    }
    assert Counter(row["stratum"] for row in rows) == {name: size for name, (_, size) in sizes.items()}
    assert {row["sentence"] for row in rows if row["stratum"] == "not found: Lindqvist"} == {
        "The [Lindqvistian] style is new."
    }
    assert {row["title"] for row in rows} == {"'=Ferry", "Ferry"}  # no formula for a spreadsheet
    assert [row["no"] for row in rows] == [str(number) for number in range(1, 41)]


def test_the_same_seed_draws_the_same_sheet_and_another_seed_another(warehouse: str, tmp_path: Path) -> None:
    sheets = [drawn(warehouse, tmp_path / f"{n}.csv", "--n", "30", "--seed", seed) for n, seed in enumerate("112")]
    assert sheets[0] == sheets[1]
    assert sheets[0] != sheets[2]


def test_a_filled_sheet_gives_precision_recall_and_alpha(
    warehouse: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = drawn(warehouse, tmp_path / "a.csv", "--n", "200")  # all there are
    both = {"coder_1": told_by_hand, "coder_2": lambda row: "?" if row["no"] == "7" else told_by_hand(row)}
    sheet = code(tmp_path / "coded.csv", rows, **both)
    capsys.readouterr()
    assert main(["audit", "--read", str(sheet)]) == 0
    said = capsys.readouterr().out
    assert "coder_1: 120 of 120 places told" in said
    assert "coder_2: 119 of 120 places told" in said
    assert re.search(r"precision +1\.000  \(95 % interval 1\.000 to 1\.000\)", said)
    assert re.search(r"recall +0\.667  \(95 % interval 0\.667 to 0\.667\)", said)
    assert "20 of 20 mean it, of 20  not counted: surname" in said
    assert "Krippendorff's alpha: 1.000" in said
    assert main(["audit", "--read", str(code(sheet, rows, coder_1=told_by_hand))]) == 0
    assert "alpha" not in capsys.readouterr().out.split("Recall is")[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows[3].update(coder_1=""), "line 5: nothing stands in coder_1"),
        (lambda rows: rows[3].update(coder_1="yes"), "line 5: 'yes' stands in coder_1"),
        (lambda rows: rows[3].update(coder_2="1"), "line 2: nothing stands in coder_2"),
        (lambda rows: rows.pop(), "without some of its rows"),
        (lambda rows: rows.append(rows[0]), "row 1 stands twice"),
        (lambda rows: rows[3].update(stratum_size="x"), "line 5: stratum_size 'x'"),
        (lambda rows: rows[3].update(stratum_size="900"), "has other sizes"),
        (lambda rows: [row.update(coder_1="") for row in rows], "nothing is coded"),
        (lambda rows: [row.pop("stratum") for row in rows], "the column 'stratum' is missing"),
        (lambda rows: rows[3].update(sentence="\x00"), None),
    ],
)
def test_a_sheet_that_is_filled_in_wrongly_is_refused_with_its_line(
    warehouse: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Any, message: str | None
) -> None:
    rows = [{**row, "coder_1": "1"} for row in drawn(warehouse, tmp_path / "a.csv", "--n", "20")]
    change(rows)
    sheet = code(tmp_path / "coded.csv", rows)
    capsys.readouterr()
    exit_code = main(["audit", "--read", str(sheet)])
    said = capsys.readouterr().err
    if message:
        assert exit_code == 2
        assert said.count("\n") == 1
        assert message in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "column 'no' is missing"),
        ("Gr\u00fc\u00dfe".encode("cp1252"), "not UTF-8"),
        (b"no,coder_1,coder_2,stratum,stratum_size,stratum_drawn\n", "has no rows"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "a.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=message):
        read_sheet(path)


def test_a_users_mistake_is_one_line(warehouse: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken = tmp_path / "taken.csv"
    taken.write_text("codes")
    at = ["audit", "--warehouse", warehouse]
    for arguments, message in (
        ([*at, "--entity", "nobody"], "no entity has the id 'nobody'"),
        ([*at, "--entity", "mara-lindqvist", "--out", str(taken)], "is there already"),
        ([*at, "--entity", "mara-lindqvist", "--out", str(tmp_path / "no" / "a.csv")], "cannot be written"),
        ([*at], "say --entity ID"),
        (["audit", "--entity", "mara-lindqvist"], "warehouse"),
        (["audit", "--read", str(tmp_path)], "cannot be read"),
    ):
        assert main(arguments) == 2, arguments
        said = capsys.readouterr().err
        assert message in said
        assert said.count("\n") == 1
    assert taken.read_text() == "codes"


def strata(*of: tuple[str, int, str]) -> list[Coded]:
    codes = {"1": True, "0": False, "?": None}
    return [Coded(name, size, tuple(codes[code] for code in told)) for name, size, told in of]


def test_strata_are_weighted_by_their_size() -> None:
    found = precision(strata(("counted: a", 900, "1111"), ("counted: b", 100, "0000"), ("not counted: zone", 50, "00")))
    assert found is not None
    assert found.value == pytest.approx(0.9)
    assert found.low < 0.9 < found.high
    found = recall(strata(("counted: a", 80, "1111"), ("not found: x", 40, "10")))
    assert found is not None
    assert found.value == pytest.approx(0.8)
    assert found.low < 0.8 < found.high


def test_wilsons_interval_as_it_is_tabled() -> None:
    """Of a simple sample out of very many: 15 of 50 give 0.191 to 0.438 (R: prop.test(15, 50, correct = FALSE))."""
    found = share(strata(("counted: a", 10**9, "1" * 15 + "0" * 35)))
    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.191, 0.438), abs=0.003)


@pytest.mark.parametrize("told", ["1" * 20, "0" * 20])
def test_a_sample_without_a_mistake_does_not_prove_that_there_is_none(told: str) -> None:
    found = precision(strata(("counted: a", 1000, told)))
    assert found is not None
    assert 0.1 < found.high - found.low < 0.2


def test_what_cannot_be_told_is_not_made_up() -> None:
    assert precision(strata(("not counted: zone", 5, "11"))) is None
    assert precision(strata(("counted: a", 5, "??"))) is None
    assert recall(strata(("counted: a", 5, "00"), ("not found: x", 5, "11"))) is None
    assert recall(strata(("counted: a", 5, "11"), ("not found: x", 5, "??"))) is None
    one = strata(("counted: a", 5, "11"))
    assert agreement(one, one) is None


def test_alpha_is_krippendorffs() -> None:
    """Two coders and 10 units of two values, `Computing Krippendorff's Alpha-Reliability` (2011), example A: 0.095."""
    first, second = "0100000010", "1110010000"
    alpha = agreement(strata(("counted: a", 50, first)), strata(("counted: a", 50, second)))
    assert alpha == pytest.approx(0.095, abs=0.001)


@given(st.lists(st.tuples(st.integers(3, 60), st.integers(0, 60), st.booleans()), min_size=2, max_size=6))
@examples(300)
def test_intervals_hold_their_value_and_stay_between_0_and_1(kinds: list[tuple[int, int, bool]]) -> None:
    found = [
        Coded("counted: a" if counted else "not found: b", size, tuple(n < true for n in range(size // 2 + 1)))
        for size, true, counted in kinds
    ]
    for estimate in (precision(found), recall(found)):
        if estimate:
            assert 0 <= estimate.low <= estimate.value + 1e-9
            assert estimate.value - 1e-9 <= estimate.high <= 1


def test_the_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    random = Random(1)
    sizes = {
        "counted: a": (776, 24),
        "counted: b": (120, 80),
        "not counted: zone": (50, 450),
        "not found: x": (45, 855),
    }
    true = {name: [True] * right + [False] * wrong for name, (right, wrong) in sizes.items()}
    counted, missed = 776 + 120, 50 + 45
    held = Counter[str]()
    for _ in range(400):
        coded = [Coded(name, len(of), tuple(random.sample(of, 30))) for name, of in true.items()]
        for what, found, value in (
            ("precision", precision(coded), counted / 1000),
            ("recall", recall(coded), counted / (counted + missed)),
        ):
            held[what] += found is not None and found.low <= value <= found.high
    assert all(number >= 378 for number in held.values()), held


@given(st.permutations(range(40)), st.integers(1, 60))
@examples(100)
def test_what_is_drawn_depends_on_no_order(order: list[int], total: int) -> None:
    def of(numbers: list[int]) -> Any:
        drawing = Drawing(1, total)
        for number in numbers:
            place = Place(str(number), "body", 0, 1)
            drawing.add("counted" if number % 3 else "not found", f"kind {number % 5}", place)
        return sorted((one.name, one.size, one.drawn) for one in drawing.strata(total))

    found = of(order)
    assert found == of(sorted(order))
    assert len({place for _, _, places in found for place in places}) == sum(len(places) for _, _, places in found)
    assert sum(len(places) for _, _, places in found) <= max(total, 6)  # two strata of two at least in each group
    assert all(0 < len(places) <= size for _, size, places in found)


def test_near_misses_are_sentences_with_such_a_word_and_no_hit() -> None:
    stems = stems_of(["Ramzan Kadyrov", "the minister", "US"])
    assert sorted(stems) == ["kadyr", "minist", "ramz"]
    text = "Kadyrova came. Kadyrov’s Kadyrov left.\nRamzana and Kadyrow said so."
    places = near_misses("1", [("body", text, [(15, 22)])], stems)
    found = [(word, text[place.start : place.end]) for word, place in places]
    assert found == [("Kadyrov", "Kadyrova"), ("Ramzan", "Ramzana")]
