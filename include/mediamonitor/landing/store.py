"""Object stores: list, get, put, delete. The only module that imports boto3 and obstore.

Buckets are listed through signed ListObjectsV2 pages (`encoding-type=url`) read with lxml, since one odd key would make
obstore's listing fail and boto3's paginator is thirty times slower. Objects are read and written with obstore, which
costs a tenth of boto3's CPU; keys that obstore would refuse or change go through boto3 (docs/decisions.md).

Callers see `ObjectGone`, `ObjectChanged`, `ObjectDenied` for one object, and ConfigurationError or InfrastructureError
for the store as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote_plus

import boto3
import obstore
import pyarrow as pa
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from botocore.httpsession import URLLib3Session
from lxml import etree
from obstore.auth.boto3 import Boto3CredentialProvider
from obstore.exceptions import BaseError, PermissionDeniedError, PreconditionError, UnauthenticatedError
from obstore.store import LocalStore, S3Store

from mediamonitor.errors import ConfigurationError, InfrastructureError, MediaMonitorError

LISTING = pa.schema(
    [("key", pa.string()), ("etag", pa.string()), ("size_bytes", pa.int64()), ("last_modified", pa.timestamp("us", tz="UTC"))]
)
"""One row for each object that stands in the store at the time of the listing."""

FOLDER_BUCKET = "file"
"""What a folder has in the column `bucket`."""

_S3 = "{http://s3.amazonaws.com/doc/2006-03-01/}"
_UNTOUCHED_BY_OBSTORE = re.compile(r"(?!/)(?!.*//)(?!(.*/)?\.\.?(/|$))[^\x00-\x1f\x7f-\x9f]*[^/\x00-\x1f\x7f-\x9f]", re.DOTALL)
_RETRY = {
    "max_retries": 6,
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=5), "base": 2},
    "retry_timeout": timedelta(seconds=40),
}
_NEVER_BY_WAITING = {"NoSuchBucket", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "AllAccessDisabled", "InvalidBucketName"}


class ObjectGone(MediaMonitorError):
    """Deleted since it was listed."""


class ObjectChanged(MediaMonitorError):
    """Overwritten since it was listed."""


class ObjectDenied(MediaMonitorError):
    """Credentials do not allow it."""


@dataclass(frozen=True, slots=True)
class Access:
    """How a bucket is reached. None means boto3's own order: environment, profile, instance role."""

    session: Any = None
    endpoint_url: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """The whole body of one object and its user metadata (names in lower case)."""

    body: bytes
    metadata: dict[str, str] = field(default_factory=dict)


class Store(Protocol):
    """A bucket below a prefix, or a folder. Keys of `get` are full keys; names of `put` are below the prefix."""

    bucket: str
    prefix: str
    url: str

    def listing(self) -> pa.Table:
        """Every object below the prefix (schema LISTING), or an error: never a part of it."""

    def get(self, key: str, etag: str | None = None) -> Fetched:
        """The object; with `etag` only if it is still that version (ObjectChanged). Raises ObjectGone, ObjectDenied."""

    def head_bytes(self, key: str, count: int) -> bytes:
        """The first `count` bytes of the object."""

    def put(self, name: str, body: bytes | Path) -> None:
        """Write whole or not at all."""

    def read(self, name: str) -> bytes | None:
        """What `put` wrote, or None."""

    def delete(self, name: str) -> None:
        """Remove it; no error where it is not."""

    def names(self, below: str = "") -> list[str]:
        """The names below `below`, sorted."""


def open_store(url: str, access: Access | None = None) -> Store:
    """The store of a URL. Raises ConfigurationError for a scheme that this version does not read."""
    if url.startswith("s3://"):
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        if not bucket:
            raise ConfigurationError(f"{url!r} names no bucket; write s3://bucket/prefix")
        return S3Bucket(bucket, prefix.strip("/"), access or Access())
    if url.startswith("file://"):
        return Folder(Path(url.removeprefix("file://")))
    if "://" in url:
        raise ConfigurationError(f"{url!r}: this version reads s3://bucket/prefix and folders; use one of them")
    return Folder(Path(url).absolute())


class S3Bucket:
    """A bucket (and prefix) of S3 or of a server that speaks its protocol."""

    def __init__(self, bucket: str, prefix: str, access: Access) -> None:
        self.bucket, self.prefix = bucket, f"{prefix}/" if prefix else ""
        self.url = f"s3://{bucket}/{prefix}".rstrip("/")
        session = access.session or boto3.Session()
        config = Config(signature_version="s3v4", connect_timeout=10, read_timeout=60, retries={"mode": "standard", "max_attempts": 5})
        try:
            self._client = session.client("s3", endpoint_url=access.endpoint_url, region_name=session.region_name or "us-east-1", config=config)
            if session.get_credentials() is None:
                raise NoCredentialsError()
        except NoCredentialsError:
            raise ConfigurationError(f"no credentials for {self.url}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or an AWS profile") from None
        except (BotoCoreError, ValueError) as error:
            raise ConfigurationError(f"cannot reach {self.url}: {error}; check the endpoint and the profile") from None
        endpoint = self._client.meta.endpoint_url
        self._path_style = access.endpoint_url is not None or "amazonaws.com" not in endpoint
        self._store = S3Store(
            bucket,
            endpoint=endpoint if self._path_style else None,
            region=self._client.meta.region_name,
            virtual_hosted_style_request=not self._path_style,
            client_options={"allow_http": True, "timeout": "60s", "connect_timeout": "10s"},
            retry_config=_RETRY,  # type: ignore[arg-type]
            credential_provider=Boto3CredentialProvider(session),
        )

    def listing(self) -> pa.Table:
        http = URLLib3Session(timeout=(10, 60))
        params: dict[str, Any] = {"Bucket": self.bucket, "Prefix": self.prefix, "EncodingType": "url"}
        pages: list[pa.RecordBatch] = []
        while True:
            root = self._page(http, params)
            pages.append(_page_rows(root))
            if root.findtext(f"{_S3}IsTruncated") != "true":
                return pa.Table.from_batches(pages, schema=LISTING)
            token = root.findtext(f"{_S3}NextContinuationToken")
            if not token:
                raise InfrastructureError(f"listing {self.url}: a page says that it is cut but names no next one; try again")
            params["ContinuationToken"] = token

    def _page(self, http: URLLib3Session, params: dict[str, Any]) -> Any:
        problem = ""
        for _ in range(4):
            try:
                url = self._client.generate_presigned_url("list_objects_v2", Params=params)
                answer = http.send(AWSRequest("GET", url).prepare())
                root = etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
            except NoCredentialsError:
                raise ConfigurationError(f"no credentials for {self.url}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY") from None
            except (BotoCoreError, etree.XMLSyntaxError) as error:
                problem = str(error)
                continue
            if answer.status_code == 200:
                return root
            code = root.findtext("Code") or root.findtext(f"{_S3}Code") or str(answer.status_code)
            if code in _NEVER_BY_WAITING:
                raise _store_error(self.url, code)
            problem = f"{code}: {root.findtext('Message') or root.findtext(f'{_S3}Message') or 'no message'}"
            if answer.status_code < 500:
                break
        raise InfrastructureError(f"listing {self.url} failed: {_one_line(problem)}; nothing was changed, try again")

    def get(self, key: str, etag: str | None = None) -> Fetched:
        if not _UNTOUCHED_BY_OBSTORE.fullmatch(key):
            return self._get_with_boto3(key, etag)
        try:
            result = obstore.get(self._store, key, options={"if_match": etag} if etag else None)
            body = bytes(result.bytes())
        except FileNotFoundError:
            raise ObjectGone(key) from None
        except PreconditionError:
            raise ObjectChanged(key) from None
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise ObjectDenied(_one_line(str(error))) from None
        except BaseError as error:
            raise InfrastructureError(_one_line(str(error))) from None
        if len(body) != result.meta["size"]:
            raise InfrastructureError(f"got {len(body)} of {result.meta['size']} bytes")
        standard = {"Content-Type", "Content-Encoding", "Content-Language", "Content-Disposition", "Cache-Control", "Storage-Class"}
        return Fetched(body, {str(name).lower(): str(value) for name, value in result.attributes.items() if name not in standard})

    def _get_with_boto3(self, key: str, etag: str | None, **extra: str) -> Fetched:
        try:
            answer = self._client.get_object(Bucket=self.bucket, Key=key, **({"IfMatch": etag} if etag else {}), **extra)
            return Fetched(answer["Body"].read(), {name.lower(): value for name, value in answer["Metadata"].items()})
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            kind = {404: ObjectGone, 412: ObjectChanged, 403: ObjectDenied, 401: ObjectDenied}.get(status, InfrastructureError)
            raise kind(_one_line(str(error))) from None
        except BotoCoreError as error:
            raise InfrastructureError(_one_line(str(error))) from None

    def head_bytes(self, key: str, count: int) -> bytes:
        return self._get_with_boto3(key, None, Range=f"bytes=0-{count - 1}").body

    def put(self, name: str, body: bytes | Path) -> None:
        _obstore_put(self._store, self.prefix + name, body, self.url)

    def read(self, name: str) -> bytes | None:
        try:
            return self.get(self.prefix + name).body
        except ObjectGone:
            return None

    def delete(self, name: str) -> None:
        try:
            obstore.delete(self._store, self.prefix + name)
        except FileNotFoundError:
            return
        except BaseError as error:
            raise InfrastructureError(f"deleting {self.url}/{name} failed: {_one_line(str(error))}") from None

    def names(self, below: str = "") -> list[str]:
        keys = self.listing()["key"].to_pylist()
        return sorted(key.removeprefix(self.prefix) for key in keys if key.startswith(self.prefix + below))

    def create_bucket(self) -> None:
        """Create the bucket where it is not. For the first run and the tests; production buckets are the user's."""
        try:
            self._client.create_bucket(Bucket=self.bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                raise _store_error(self.url, error.response["Error"]["Code"]) from None
        except BotoCoreError as error:
            raise InfrastructureError(f"creating bucket {self.bucket} failed: {_one_line(str(error))}") from None

    def upload(self, key: str, body: bytes, metadata: dict[str, str] | None = None) -> None:
        """Put an object under any key whatever, with user metadata (what a producer of articles does)."""
        try:
            self._client.put_object(Bucket=self.bucket, Key=key, Body=body, Metadata=metadata or {})
        except ClientError as error:
            raise _store_error(self.url, error.response["Error"]["Code"]) from None
        except BotoCoreError as error:
            raise InfrastructureError(f"writing {key!r} to {self.url} failed: {_one_line(str(error))}") from None


class Folder:
    """A folder of the local file system; keys are paths below it, with forward slashes."""

    bucket = FOLDER_BUCKET
    prefix = ""

    def __init__(self, root: Path) -> None:
        self.root, self.url = root, str(root)

    def _store(self) -> LocalStore:
        try:
            return LocalStore(self.root, mkdir=False)
        except (BaseError, ValueError, OSError):
            raise ConfigurationError(f"folder {self.root} does not exist; create it or correct the setting") from None

    def listing(self) -> pa.Table:
        rows: dict[str, list[Any]] = {name: [] for name in LISTING.names}
        try:
            for chunk in obstore.list(self._store(), chunk_size=1000):
                for meta in chunk:
                    rows["key"].append(meta["path"])
                    rows["etag"].append(meta["e_tag"])
                    rows["size_bytes"].append(meta["size"])
                    rows["last_modified"].append(meta["last_modified"])
        except (BaseError, OSError) as error:
            raise InfrastructureError(f"listing {self.root} failed: {_one_line(str(error))}") from None
        return pa.table(rows, schema=LISTING).sort_by("key")

    def get(self, key: str, etag: str | None = None) -> Fetched:
        try:
            return Fetched(bytes(obstore.get(self._store(), key, options={"if_match": etag} if etag else None).bytes()))
        except FileNotFoundError:
            raise ObjectGone(key) from None
        except PreconditionError:
            raise ObjectChanged(key) from None
        except (PermissionError, PermissionDeniedError) as error:
            raise ObjectDenied(_one_line(str(error))) from None
        except (BaseError, OSError) as error:
            raise InfrastructureError(_one_line(str(error))) from None

    def head_bytes(self, key: str, count: int) -> bytes:
        with (self.root / key).open("rb") as file:
            return file.read(count)

    def put(self, name: str, body: bytes | Path) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"cannot write to {self.root} ({error.strerror}); choose a folder that this user may write to") from None
        _obstore_put(self._store(), name, body, self.url)

    def read(self, name: str) -> bytes | None:
        try:
            return (self.root / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise ConfigurationError(f"cannot read {self.root / name} ({error.strerror})") from None

    def delete(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    def names(self, below: str = "") -> list[str]:
        files = (path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file()) if self.root.is_dir() else iter(())
        return sorted(name for name in files if name.startswith(below))


def _obstore_put(store: Any, key: str, body: bytes | Path, url: str) -> None:
    try:
        obstore.put(store, key, body)
    except (PermissionError, PermissionDeniedError, UnauthenticatedError) as error:
        raise ConfigurationError(f"no permission to write to {url}: {_one_line(str(error))}") from None
    except (BaseError, OSError) as error:
        hint = "no permission to write there; choose another place" if "ermission denied" in str(error) else "try again"
        kind = ConfigurationError if "ermission denied" in str(error) else InfrastructureError
        raise kind(f"writing {key!r} to {url} failed: {_one_line(str(error))}; {hint}") from None


def _page_rows(root: Any) -> pa.RecordBatch:
    rows = [(item.findtext(f"{_S3}Key"), item.findtext(f"{_S3}ETag"), item.findtext(f"{_S3}Size"), item.findtext(f"{_S3}LastModified")) for item in root.iterfind(f"{_S3}Contents")]
    keys, etags, sizes, times = zip(*rows, strict=True) if rows else ((), (), (), ())
    return pa.record_batch(
        [
            pa.array([unquote_plus(key) for key in keys], pa.string()),
            pa.array(etags, pa.string()),
            pa.array([int(size) for size in sizes], pa.int64()),
            pa.array([_utc(text) for text in times], pa.timestamp("us", tz="UTC")),
        ],
        schema=LISTING,
    )


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(timezone.utc)


def _store_error(url: str, code: str) -> MediaMonitorError:
    advice = {
        "NoSuchBucket": "the bucket does not exist; create it or correct the URL",
        "InvalidBucketName": "this is not a valid bucket name; correct the URL",
        "InvalidAccessKeyId": "the access key is not known there; check the credentials",
        "SignatureDoesNotMatch": "the secret key does not fit the access key; check the credentials",
        "AccessDenied": "these credentials may not do this; they need s3:ListBucket and s3:GetObject",
        "AllAccessDisabled": "access to this bucket is switched off; ask its owner",
    }
    if code in advice:
        return ConfigurationError(f"{url}: {advice[code]} ({code})")
    return InfrastructureError(f"{url}: {code}; try again")


def _one_line(text: str) -> str:
    """The first line of a library's message, without its debug appendix and cut to a readable length."""
    return text.strip().split("\n")[0][:300]


def iter_chunks(items: list[Any], size: int) -> Iterator[list[Any]]:
    """`items` in runs of at most `size`."""
    return (items[start : start + size] for start in range(0, len(items), size))
