from __future__ import annotations

from datetime import date, datetime, timezone
from pathlib import Path

import pytest

from mediamonitor.errors import ConfigurationError
from mediamonitor.settings import PREFIX, Settings, normal_url


def settings(**values: str) -> Settings:
    return Settings.from_environment({PREFIX + name.upper(): value for name, value in values.items()})


def refusal(**values: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        settings(**values)
    return str(caught.value)


def test_defaults_need_no_environment() -> None:
    assert Settings.from_environment({}) == Settings()


def test_variables_are_read_in_their_type_and_others_are_left_alone() -> None:
    read = Settings.from_environment(
        {"MEDIAMONITOR_RUN_BATCHES": "4", "MEDIAMONITOR_GATE_SHARE": "0.5", "RUN_BATCHES": "9", "HOME": "/x"}
    )
    assert (read.run_batches, read.gate_share) == (4, 0.5)


def test_a_flag_goes_before_the_variable_and_an_empty_variable_is_none() -> None:
    environ = {"MEDIAMONITOR_WATCHLIST": "a.yaml", "MEDIAMONITOR_RUN_BATCHES": ""}
    read = Settings.from_environment(environ, watchlist="b.yaml", sources=None)
    assert (read.watchlist, read.sources, read.run_batches) == ("b.yaml", "", Settings().run_batches)
    assert Settings.from_environment(environ, watchlist=None).watchlist == "a.yaml"


def test_a_value_that_is_no_number_is_named_as_it_was_given() -> None:
    assert refusal(run_batches="many").startswith("MEDIAMONITOR_RUN_BATCHES='many' is not a number")
    with pytest.raises(ConfigurationError, match=r"--run_batches='1.5' is not a number"):
        Settings.from_environment({}, run_batches="1.5")


@pytest.mark.parametrize(
    "name", ["run_batches", "batch_objects", "batch_bytes", "max_article_bytes", "fetch_concurrency"]
)
def test_counts_are_at_least_one(name: str) -> None:
    assert refusal(**{name: "0"}) == f"{PREFIX}{name.upper()} must be at least 1"
    assert getattr(settings(**{name: "1"}), name) == 1


@pytest.mark.parametrize("share", ["0", "-0.1", "1.01", "20", "nan", "inf"])
def test_the_gate_is_a_share(share: str) -> None:
    assert f"{PREFIX}GATE_SHARE" in refusal(gate_share=share)


@pytest.mark.parametrize("share", ["0.01", "0.2", "1"])
def test_a_share_up_to_all(share: str) -> None:
    assert settings(gate_share=share).gate_share == float(share)


@pytest.mark.parametrize(
    ("limit", "good"), [("400MB", True), ("1.5 GiB", True), ("2GB", True), ("400", False), ("80%", False), ("x", False)]
)
def test_the_memory_limit_has_a_unit(limit: str, good: bool) -> None:
    if good:
        assert settings(memory_limit=limit).memory_limit == limit
    else:
        assert f"{PREFIX}MEMORY_LIMIT={limit!r}" in refusal(memory_limit=limit)


def test_a_day_closes_at_noon_utc_of_the_next_unless_set() -> None:
    day = date(2026, 2, 28)
    assert Settings().closes_at(day) == datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
    assert settings(close_after="06:30").closes_at(day) == datetime(2026, 3, 1, 6, 30, tzinfo=timezone.utc)


@pytest.mark.parametrize("moment", ["noon", "25:00", "12:61", "-1:00"])
def test_what_is_no_time_of_day_is_refused(moment: str) -> None:
    assert f"{PREFIX}CLOSE_AFTER={moment!r}" in refusal(close_after=moment)


@pytest.mark.parametrize("name", ["staging", "published", "warehouse"])
@pytest.mark.parametrize(
    ("landing", "place"),
    [
        ("/data/in", "/data/in/x"),
        ("/data/in", "/data/in"),
        ("/data/in/", "/data/in/x/y"),
        ("file:///data/in", "/data/in/x"),
        ("/data/in", "/data/other/../in/x"),
        ("/", "/data"),
    ],
)
def test_nothing_of_ours_lies_inside_landing(name: str, landing: str, place: str) -> None:
    message = refusal(landing=landing, **{name: place})
    assert message.startswith(f"{name} ({place}) lies inside landing ({landing})")


@pytest.mark.parametrize(
    ("landing", "published"),
    [
        ("s3://bucket/in", "s3://bucket/in/out"),
        ("s3://bucket", "s3://bucket/out"),
        ("s3://bucket/", "s3://bucket/out/"),
    ],
)
def test_nor_inside_a_bucket_that_is_landing(landing: str, published: str) -> None:
    assert "lies inside landing" in refusal(landing=landing, published=published)


@pytest.mark.parametrize(
    ("landing", "published"),
    [
        ("/data/in", "/data/in2"),
        ("/data/in", "/data/out"),
        ("/data/in", "/data/in/../out"),
        ("/data/in", "/data"),
        ("s3://bucket/in", "s3://bucket/in2"),
        ("s3://bucket/in", "s3://other/in"),
        ("s3://bucket/in", "/data/in"),
    ],
)
def test_beside_landing_is_fine(landing: str, published: str) -> None:
    assert settings(landing=landing, published=published).published == published


def test_a_link_into_landing_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "in")
    assert "lies inside landing" in refusal(landing=str(tmp_path / "in"), staging=str(tmp_path / "link" / "x"))


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("duckdb:///data/a.duckdb", "/data/a.duckdb"),
        ("/data/a.duckdb", "/data/a.duckdb"),
        ("duckdb:////data/a", "/data/a"),
    ],
)
def test_the_warehouse_is_a_file_and_staging_stands_beside_it(url: str, path: str) -> None:
    read = settings(warehouse=url)
    assert read.warehouse_path == Path(path)
    assert read.staging == f"{path}.staging"
    assert settings(warehouse=url, staging="/other").staging == "/other"


def test_a_relative_warehouse_is_below_the_working_directory() -> None:
    assert settings(warehouse="a.duckdb").warehouse_path == Path.cwd() / "a.duckdb"


@pytest.mark.parametrize("url", ["postgres://host/db", "ducklake:x", "s3://bucket/a.duckdb"])
def test_another_kind_of_warehouse_is_refused(url: str) -> None:
    assert "is not supported by this version" in refusal(warehouse=url)


def test_require_names_the_flag_and_the_variable() -> None:
    with pytest.raises(ConfigurationError, match="no landing given; pass --landing or set MEDIAMONITOR_LANDING"):
        settings(warehouse="/w").require("warehouse", "landing", "published")
    settings(warehouse="/w", landing="/l").require("warehouse", "landing")


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("file:///a/b/", "/a/b"),
        ("/a/./b/../c", "/a/c"),
        ("s3://bucket/x/", "s3://bucket/x"),
        ("s3://bucket", "s3://bucket"),
    ],
)
def test_one_place_has_one_spelling(url: str, normal: str) -> None:
    assert normal_url(url) == normal
