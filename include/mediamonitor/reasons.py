"""Every reason code: what it means, and what to do about it. docs/reason-codes.md is this table (a test holds it)."""

from __future__ import annotations

from dataclasses import dataclass

from mediamonitor.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Reason:
    """`state` is the ledger state of an object that has nothing else; with good records beside it, it is `partial`."""

    state: str
    means: str
    advice: str


_PRODUCER = "ask the producer; a new upload is taken by itself"
_OURS = "report it, with the file: parsing should have met this expectation"

REASONS: dict[str, Reason] = {
    "empty_file": Reason("quarantined", "zero bytes", _PRODUCER),
    "empty_after_trim": Reason("quarantined", "only white space or invisible characters", _PRODUCER),
    "no_body": Reason("quarantined", "a single line of at most 120 characters: a title without a body", _PRODUCER),
    "encoding_invalid": Reason(
        "quarantined",
        "not UTF-8 (the byte is named)",
        "declare the source's `charset` in `sources.yaml`; it is then taken again by itself",
    ),
    "encoding_suspect_utf16": Reason(
        "quarantined", "many NUL bytes and no byte order mark", "have it saved as UTF-8, or with the mark"
    ),
    "binary_content": Reason("quarantined", "a NUL byte in the text", _PRODUCER),
    "not_text": Reason(
        "quarantined", "`not_text:<kind>`: a PDF, picture, archive, ... whatever its name says", _PRODUCER
    ),
    "json_invalid": Reason(
        "quarantined", "not JSON, or not a record with text in its fields (the record and byte are named)", _PRODUCER
    ),
    "json_duplicate_key": Reason("quarantined", "a record of JSON names a field twice", _PRODUCER),
    "no_records": Reason("quarantined", "an archive or JSON file without a record", _PRODUCER),
    "gzip_corrupt": Reason(
        "quarantined",
        "broken or cut; what comes before the break is loaded",
        "upload it again; what was loaded is replaced",
    ),
    "zstd_corrupt": Reason("quarantined", "the same, of a zstd file", "the same"),
    "tar_corrupt": Reason("quarantined", "the same, of a tar archive", "the same"),
    "decompression_bomb": Reason(
        "quarantined", "it grows to over 200 times its size", "ask the producer; pack it with a milder compression"
    ),
    "nested_too_deep": Reason("quarantined", "more than two layers of archives and compression", "pack it once"),
    "crashes_parser": Reason(
        "quarantined",
        "reading this record, or the rest of this object, fails or ends, hangs or fills the process that does it",
        "report it, with the file; `quarantine retry` after an update",
    ),
    "too_large": Reason(
        "quarantined",
        "a record over `MEDIAMONITOR_MAX_ARTICLE_BYTES`, or an object over `MEDIAMONITOR_MAX_OBJECT_BYTES`",
        "raise the setting if it is one article, then `quarantine retry --reason too_large`",
    ),
    "date_out_of_range": Reason(
        "quarantined",
        "dated before 1990, or over 36 hours after it arrived",
        "mend the key or the metadata `published-at`",
    ),
    "expect_body_not_empty": Reason(
        "quarantined", "nothing is left once title, echoes and trailer are taken out", _PRODUCER
    ),
    "expect_titles_deduped": Reason("quarantined", "a copy that is not marked as a duplicate", _OURS),
    "expect_trailers_stripped": Reason("quarantined", "a known trailer remains at the end of the body", _OURS),
    "expect_encoding_known": Reason("quarantined", "read in an encoding that is neither UTF-8 nor declared", _OURS),
    "expect_date_plausible": Reason("quarantined", "dated before 1990", _OURS),
    "expect_date_not_after_arrival": Reason("quarantined", "dated long after it arrived", _OURS),
    "gate_stopped": Reason(
        "deferred",
        "too much of its source failed in one run; the good records are held back",
        "look at what else of its source is in quarantine; then run ingest with `accept_failures` (all of the source), "
        "or `quarantine retry` (this object)",
    ),
    "changed_while_reading": Reason(
        "deferred",
        "overwritten three times while it was read, or once in the middle of a large one",
        "nothing: the next run reads the new content",
    ),
    "fetch_failed": Reason(
        "deferred",
        "this object could not be read, however often it was tried; others could",
        "look at the detail; every run tries again",
    ),
    "access_denied": Reason(
        "deferred",
        "these credentials may not read this object; others they may",
        "allow s3:GetObject, and the key that it is encrypted with; every run tries again",
    ),
    "archived": Reason("deferred", "it lies in an archive such as Glacier", "restore it; every run tries again"),
    "vanished": Reason("vanished", "deleted between listing and reading", "nothing"),
    "folder_marker": Reason("ignored", "no article by its name: an empty object that stands for a folder", "nothing"),
    "job_marker": Reason("ignored", "no article by its name: `_SUCCESS` and the like", "nothing"),
    "hidden_file": Reason("ignored", "no article by its name: it begins with a dot", "nothing"),
    "temporary_name": Reason(
        "ignored", "no article by its name: `.part`, `.tmp` and the like", "upload it under its final name"
    ),
}


def advice(reason_code: str) -> str:
    """What to do about a reason code (`not_text:pdf` stands under `not_text`)."""
    return REASONS[reason_code.partition(":")[0]].advice


def check_reason(reason_code: str) -> None:
    """Raise ConfigurationError for a code that does not exist."""
    if reason_code.partition(":")[0] not in REASONS:
        raise ConfigurationError(f"there is no reason {reason_code!r}; docs/reason-codes.md has them all")
