"""A small S3 server on loopback that keeps objects in memory and fails as it is told.

It speaks ListObjectsV2 (`encoding-type=url`, prefix, continuation tokens), GET with Range and If-Match, HEAD, PUT and
DELETE. Signatures are not checked. Tests reach into `objects` for what no client could do: chosen times, archived
objects. What goes wrong is data: a list of `Fault`s.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from urllib.parse import parse_qs, quote_plus, unquote
from xml.sax.saxutils import escape

BUCKET = "landing"
ARRIVED = datetime(2026, 3, 10, 11, 0, tzinfo=timezone.utc)
"""LastModified of an object that was put without one."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of an object."""

    body: bytes
    etag: str
    modified: datetime
    metadata: dict[str, str]
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: LIST, GET, HEAD, PUT or DELETE, and what it was conditional on."""

    verb: str
    key: str
    if_match: str | None
    range: str | None


@dataclass(slots=True)
class Fault:
    """What happens to requests of this verb (and key): to `share` of them, `times` at most, after the first `skip`.

    Either an error answer (`status`, `code`), a body cut after `cut` bytes, a pause of `delay` seconds, a connection
    that is `dropped` without an answer, or something that is done `first`, before the request is answered.
    """

    verb: str = "GET"
    key: str | None = None
    share: float = 1.0
    times: int = 1_000_000_000
    skip: int = 0
    status: int = 0
    code: str = ""
    cut: int | None = None
    delay: float = 0.0
    dropped: bool = False
    first: Callable[[], None] | None = None
    happened: int = 0


@dataclass
class FaultyS3:
    """The server's state. All of it may be changed while it runs."""

    endpoint_url: str = ""
    access_key: str = "AKIDLOOPBACK"
    secret_key: str = "loopback-secret"
    objects: dict[str, Stored] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    page_size: int = 1000
    read_only: bool = False
    ignores_if_match: bool = False
    bare_etags: bool = False
    """Listings give ETags without their quotes."""
    asked: list[Asked] = field(default_factory=list)
    _coin: random.Random = field(default_factory=lambda: random.Random(4))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _sorted: list[str] | None = None
    _pages: dict[tuple[str, str, int], bytes] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """What boto3 reads."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def put(self, key: str, body: bytes, modified: datetime = ARRIVED, archived: bool = False, **metadata: str) -> None:
        """An object under its full key, as if it had been uploaded at `modified`."""
        names = {name.replace("_", "-"): value for name, value in metadata.items()}
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        with self._lock:
            self.objects[key] = Stored(body, etag, modified, names, archived)
            self._forget_pages()

    def delete(self, key: str) -> None:
        """Remove it; no error where it is not."""
        with self._lock:
            self.objects.pop(key, None)
            self._forget_pages()

    def asked_for(self, verb: str) -> list[Asked]:
        """The requests of this verb so far."""
        return [one for one in self.asked if one.verb == verb]

    def coin(self) -> float:
        """A number that has not come before."""
        return self._coin.random()

    def fault(self, verb: str, key: str) -> Fault | None:
        """What goes wrong with this request."""
        with self._lock:
            for one in self.faults:
                fits = one.verb == verb and one.key in (None, key) and one.times > 0
                if not fits:
                    continue
                if one.skip:
                    one.skip -= 1
                elif self._coin.random() < one.share:
                    one.times -= 1
                    one.happened += 1
                    return one
        return None

    def page(self, prefix: str, after: str) -> bytes:
        """One page of the listing; a page that was asked for before costs nothing until an object changes."""
        with self._lock:
            wanted = (prefix, after, self.page_size)
            if wanted not in self._pages:
                if self._sorted is None:
                    self._sorted = sorted(self.objects, key=str.encode)
                self._pages[wanted] = _page(self.objects, self._sorted, *wanted)
            page = self._pages[wanted]
            return page.replace(b"&quot;", b"") if self.bare_etags else page

    def _forget_pages(self) -> None:
        self._sorted = None
        self._pages.clear()


_QUOTE = {'"': "&quot;"}


def _page(objects: dict[str, Stored], keys: list[str], prefix: str, after: str, size: int) -> bytes:
    start = max(bisect_left(keys, prefix.encode(), key=str.encode), bisect_right(keys, after.encode(), key=str.encode))
    found = list(islice((key for key in islice(keys, start, start + size + 1) if key.startswith(prefix)), size + 1))
    rows = "".join(
        f"<Contents><Key>{quote_plus(key, safe='/')}</Key>"
        f"<LastModified>{one.modified:%Y-%m-%dT%H:%M:%S}.{one.modified.microsecond // 1000:03d}Z</LastModified>"
        f"<ETag>{escape(one.etag, _QUOTE)}</ETag><Size>{len(one.body)}</Size>"
        f"<StorageClass>{'GLACIER' if one.archived else 'STANDARD'}</StorageClass></Contents>"
        for key, one in ((key, objects[key]) for key in found[:size])
    )
    more = len(found) > size
    token = f"<NextContinuationToken>{found[size - 1].encode().hex()}</NextContinuationToken>" if more else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<EncodingType>url</EncodingType><KeyCount>{min(len(found), size)}</KeyCount>"
        f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{rows}</ListBucketResult>"
    ).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet
    s3: FaultyS3

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        bucket, _, key = path[1:].partition("/")
        if bucket != BUCKET:
            self._refuse(404, "NoSuchBucket")
        elif not key:
            asked = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
            if self._goes_wrong("LIST", asked.get("prefix", "")):
                return
            self._answer(
                200, self.s3.page(asked.get("prefix", ""), bytes.fromhex(asked.get("continuation-token", "")).decode())
            )
        else:
            self._read("GET", unquote(key))

    def do_HEAD(self) -> None:
        self._read("HEAD", unquote(self.path.partition("?")[0][1:].partition("/")[2]))

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        key = unquote(self.path.partition("?")[0][1:].partition("/")[2])
        if self._goes_wrong("PUT", key):
            return
        if self.s3.read_only:
            self._refuse(403, "AccessDenied")
            return
        if key:
            named = {name.lower(): value for name, value in self.headers.items()}
            metadata = {name[11:]: value for name, value in named.items() if name.startswith("x-amz-meta-")}
            self.s3.put(key, body, **metadata)
        self._answer(200, b"", {"ETag": self.s3.objects[key].etag} if key else {})

    def do_DELETE(self) -> None:
        key = unquote(self.path.partition("?")[0][1:].partition("/")[2])
        if self._goes_wrong("DELETE", key):
            return
        if self.s3.read_only:
            self._refuse(403, "AccessDenied")
            return
        self.s3.delete(key)
        self._answer(204, b"")

    def _read(self, verb: str, key: str) -> None:
        if self._goes_wrong(verb, key):
            return
        one = self.s3.objects.get(key)
        if one is None:
            self._refuse(404, "NoSuchKey")
        elif one.archived:
            self._refuse(403, "InvalidObjectState")
        elif not self.s3.ignores_if_match and self.headers.get("If-Match", one.etag) not in {one.etag, "*"}:
            self._refuse(412, "PreconditionFailed")
        else:
            headers = {"ETag": one.etag, "Last-Modified": format_datetime(one.modified, usegmt=True)}
            headers |= {f"x-amz-meta-{name}": value for name, value in one.metadata.items()}
            self._answer_range(one.body, headers)

    def _answer_range(self, body: bytes, headers: dict[str, str]) -> None:
        first, last = 0, len(body) - 1
        if wanted := self.headers.get("Range"):
            from_text, _, to_text = wanted.removeprefix("bytes=").partition("-")
            first, last = int(from_text), min(int(to_text or last), last)
            if first > last:
                self._refuse(416, "InvalidRange")
                return
            headers["Content-Range"] = f"bytes {first}-{last}/{len(body)}"
        self._answer(206 if wanted else 200, body[first : last + 1], headers)

    def _goes_wrong(self, verb: str, key: str) -> bool:
        """Whether a fault has answered the request already."""
        self._cut: int | None = None
        self.s3.asked.append(Asked(verb, key, self.headers.get("If-Match"), self.headers.get("Range")))
        fault = self.s3.fault(verb, key)
        if fault is None:
            return False
        if fault.first:
            fault.first()
        if fault.delay:
            time.sleep(fault.delay)
        if fault.dropped:
            self.close_connection = True
        elif fault.status:
            self._refuse(fault.status, fault.code)
        self._cut = fault.cut
        return bool(fault.dropped or fault.status)

    def _refuse(self, status: int, code: str) -> None:
        text = f"<Error><Code>{code}</Code><Message>{code} on purpose</Message><RequestId>1</RequestId></Error>"
        self._cut = None
        self._answer(status, text.encode(), {"Content-Type": "application/xml"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body if self._cut is None else body[: self._cut])
        if self._cut is not None:
            self.close_connection = True

    _cut: int | None = None

    def log_message(self, format: str, *arguments: object) -> None:
        """Quiet: tests look at `asked`."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is what many of these tests are about."""


@contextmanager
def running() -> Iterator[FaultyS3]:
    """A server with an empty bucket for the length of a block."""
    s3 = FaultyS3()
    handler = type("Handler", (_Handler,), {"s3": s3})
    with _Server(("127.0.0.1", 0), handler) as server:
        s3.endpoint_url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield s3
        finally:
            server.shutdown()
            thread.join()
