"""A bucket of S3, or of a server that speaks its protocol.

Buckets are listed through signed ListObjectsV2 pages (`encoding-type=url`) read with lxml, since one odd key would make
obstore's listing fail and boto3's paginator is thirty times slower. Objects are read and written with obstore, which
costs a tenth of boto3's CPU; keys that obstore would refuse or change go through boto3 (docs/decisions.md).
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import obstore
import pyarrow as pa
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from botocore.httpsession import URLLib3Session
from obstore.auth.boto3 import Boto3CredentialProvider
from obstore.exceptions import BaseError, PermissionDeniedError, PreconditionError, UnauthenticatedError
from obstore.store import S3Store

from mediamonitor.article import Fetched
from mediamonitor.errors import ConfigurationError, InfrastructureError, MediaMonitorError
from mediamonitor.landing.answers import NOT_BY_WAITING, object_error, store_error
from mediamonitor.landing.pages import objects_of, parse_error, parse_page
from mediamonitor.landing.patience import patiently
from mediamonitor.landing.ranges import RANGE_BYTES, Ranges
from mediamonitor.landing.store import (
    LISTING,
    Access,
    ObjectChanged,
    ObjectFile,
    ObjectGone,
    StoreRefuses,
    Version,
    one_line,
    quoted,
)

CONNECT_SECONDS, READ_SECONDS = 10, 60
_UNTOUCHED_BY_OBSTORE = re.compile(
    r"(?!/)(?!.*//)(?!(.*/)?\.\.?(/|$))[^\x00-\x1f\x7f-\x9f]*[^/\x00-\x1f\x7f-\x9f]", re.DOTALL
)
_RETRY = {  # of 5xx, timeouts and connections that break; a body that ends early is taken up where it ended
    "max_retries": 9,
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=5), "base": 2},
    "retry_timeout": timedelta(seconds=40),
}
_STANDARD_ATTRIBUTES = {
    "Content-Type",
    "Content-Encoding",
    "Content-Language",
    "Content-Disposition",
    "Cache-Control",
    "Storage-Class",
}


class S3Bucket:
    """A bucket (and prefix) of S3 or of a server that speaks its protocol."""

    def __init__(self, bucket: str, prefix: str, access: Access) -> None:
        self.bucket, self.prefix, self.access = bucket, f"{prefix}/" if prefix else "", access
        self.url = f"s3://{bucket}/{prefix}".rstrip("/")
        config = Config(
            signature_version="s3v4",
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": 1},  # patiently() does it, of bodies that end early too
        )
        try:
            session = access.session or boto3.Session()
            self._client = session.client(
                "s3", endpoint_url=access.endpoint_url, region_name=session.region_name or "us-east-1", config=config
            )
            endpoint = self._client.meta.endpoint_url
            _ = urlsplit(endpoint).port  # a ValueError where there can be none such
            if session.get_credentials() is None:
                raise NoCredentialsError()
        except NoCredentialsError:
            raise ConfigurationError(
                f"no credentials for {self.url}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or an AWS profile"
            ) from None
        except (BotoCoreError, ValueError) as error:
            raise ConfigurationError(f"cannot reach {self.url}: {error}; check the endpoint and the profile") from None
        self._path_style = access.endpoint_url is not None or "amazonaws.com" not in endpoint
        self._store = S3Store(
            bucket,
            **({"endpoint": endpoint} if self._path_style else {}),
            region=self._client.meta.region_name,
            virtual_hosted_style_request=not self._path_style,
            client_options={
                "allow_http": True,
                "timeout": timedelta(seconds=READ_SECONDS),
                "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
            },
            retry_config=_RETRY,  # type: ignore[arg-type]
            credential_provider=Boto3CredentialProvider(session),
        )

    def listing(self, below: str = "") -> pa.Table:
        http = URLLib3Session(timeout=(CONNECT_SECONDS, READ_SECONDS))
        params: dict[str, Any] = {"Bucket": self.bucket, "Prefix": self.prefix + below, "EncodingType": "url"}
        pages: list[pa.RecordBatch] = []
        token: str | None = ""
        try:
            with ThreadPoolExecutor(1) as ahead:  # the server makes the next page while this one is read
                asked = ahead.submit(patiently, lambda: self._page(http, params))
                while token is not None:
                    page, token = asked.result()
                    if token is not None:
                        params["ContinuationToken"] = token
                        asked = ahead.submit(patiently, lambda: self._page(http, params))
                    pages.append(objects_of(page))
        except InfrastructureError as error:
            raise InfrastructureError(
                f"listing {self.url} failed: {one_line(str(error))}; nothing was changed, try again"
            ) from None
        return pa.Table.from_batches(pages, schema=LISTING)

    def _page(self, http: URLLib3Session, params: dict[str, Any]) -> tuple[Any, str | None]:
        try:
            url = self._client.generate_presigned_url("list_objects_v2", Params=params)
            answer = http.send(AWSRequest("GET", url).prepare())
            content = answer.content
        except NoCredentialsError:
            raise ConfigurationError(
                f"no credentials for {self.url}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            ) from None
        except BotoCoreError as error:
            raise InfrastructureError(str(error).partition("?")[0]) from None  # the query is signed, so a secret
        if answer.status_code == 200:
            return parse_page(content)
        code, message = parse_error(content)
        if code in NOT_BY_WAITING:
            raise store_error(self.url, code)
        waiting_helps = answer.status_code >= 500 or answer.status_code in {408, 429}
        raise (InfrastructureError if waiting_helps else StoreRefuses)(
            f"{code or answer.status_code}: {message or 'no message'}"
        )

    def get(self, key: str, etag: str | None = None) -> Fetched:
        return self._read(key, etag)

    def open(self, key: str, etag: str, size: int) -> ObjectFile:
        first = self._read(key, etag, (0, min(size, RANGE_BYTES)) if size else None, size)
        rest = Ranges(lambda start, stop: self._read(key, etag, (start, stop), size).body, first.body, size)
        return ObjectFile(rest, first.metadata)

    def head(self, key: str) -> Version:
        def head() -> Version:
            try:
                answer = self._client.head_object(Bucket=self.bucket, Key=key)
            except (ClientError, BotoCoreError) as error:
                raise _boto3_error(error, key) from None
            return Version(quoted(answer["ETag"]), answer["ContentLength"], answer["LastModified"])

        return patiently(head)

    def head_bytes(self, key: str, count: int) -> bytes:
        return self._read(key, None, (0, count)).body

    def _read(
        self, key: str, etag: str | None, part: tuple[int, int] | None = None, size: int | None = None
    ) -> Fetched:
        """The object or `part` of it (first byte, behind the last one), all of its bytes; of `size` in whole."""
        read = self._read_with_obstore if obstore_keeps(key) else self._read_with_boto3
        fetched, whole = read(key, etag, part)
        start, stop = part or (0, whole)
        if size not in (None, whole):
            raise ObjectChanged(key)
        if len(fetched.body) != min(stop, whole) - start:
            raise InfrastructureError(f"got {len(fetched.body)} of {min(stop, whole) - start} bytes")
        return fetched

    def _read_with_obstore(self, key: str, etag: str | None, part: tuple[int, int] | None) -> tuple[Fetched, int]:
        options = {**({"if_match": etag} if etag else {}), **({"range": part} if part else {})}
        try:
            result = obstore.get(self._store, key, options=options)  # type: ignore[arg-type]
            body = bytes(result.bytes())
        except (BaseError, OSError) as error:
            raise _obstore_error(error, key) from None
        named = result.attributes.items()
        metadata = {str(name).lower(): str(value) for name, value in named if name not in _STANDARD_ATTRIBUTES}
        return Fetched(body, metadata), result.meta["size"]

    def _read_with_boto3(self, key: str, etag: str | None, part: tuple[int, int] | None) -> tuple[Fetched, int]:
        wanted = {"IfMatch": etag} if etag else {}
        if part:
            wanted["Range"] = f"bytes={part[0]}-{part[1] - 1}"

        def read() -> tuple[Fetched, int]:
            try:
                answer = self._client.get_object(Bucket=self.bucket, Key=key, **wanted)
                body = answer["Body"].read()
            except (ClientError, BotoCoreError) as error:
                raise _boto3_error(error, key) from None
            whole = int(answer.get("ContentRange", f"/{answer['ContentLength']}").rpartition("/")[2])
            return Fetched(body, {name.lower(): value for name, value in answer["Metadata"].items()}), whole

        return patiently(read)

    def put(self, name: str, body: bytes | Path) -> None:
        key = self.prefix + name
        try:
            obstore.put(self._store, key, body)
        except (PermissionError, PermissionDeniedError, UnauthenticatedError) as error:
            raise ConfigurationError(f"no permission to write to {self.url}: {one_line(str(error))}") from None
        except (BaseError, OSError) as error:
            message = f"writing {key!r} to {self.url} failed: {one_line(str(error))}; try again"
            raise InfrastructureError(message) from None

    def read(self, name: str) -> bytes | None:
        try:
            return self.get(self.prefix + name).body
        except ObjectGone:
            return None

    def local_path(self, name: str) -> Path | None:
        return None

    def delete(self, name: str) -> None:
        try:
            obstore.delete(self._store, self.prefix + name)
        except FileNotFoundError:
            return
        except BaseError as error:
            raise InfrastructureError(f"deleting {self.url}/{name} failed: {one_line(str(error))}") from None

    def names(self, below: str = "") -> list[str]:
        return sorted(key.removeprefix(self.prefix) for key in self.listing(below)["key"].to_pylist())

    def sweep(self) -> int:
        return 0  # an object appears whole; a rule of the bucket ends uploads that were begun

    def create_bucket(self) -> None:
        """Create the bucket where it is not. For the first run and the tests; production buckets are the user's."""
        self._write("create_bucket")

    def upload(self, key: str, body: bytes, metadata: dict[str, str] | None = None) -> None:
        """Put an object under any key whatever, with user metadata (what a producer of articles does)."""
        self._write("put_object", Key=key, Body=body, Metadata=metadata or {})

    def _write(self, operation: str, **values: Any) -> None:
        def write() -> None:
            try:
                getattr(self._client, operation)(Bucket=self.bucket, **values)
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                    raise store_error(self.url, code) from None
            except BotoCoreError as error:
                raise InfrastructureError(f"writing to {self.url} failed: {one_line(str(error))}") from None

        patiently(write)


def obstore_keeps(key: str) -> bool:
    """Whether obstore carries this key as it is: no empty, `.` or `..` segment, no slash at the ends, no controls."""
    return _UNTOUCHED_BY_OBSTORE.fullmatch(key) is not None


def _obstore_error(error: Exception, key: str) -> MediaMonitorError:
    """What an error of obstore says about the object; it has status and code in its text only."""
    if isinstance(error, FileNotFoundError):
        return ObjectGone(key)
    if isinstance(error, PreconditionError):
        return ObjectChanged(key)
    status, code = re.search(r"status code: (\d{3})", str(error)), re.search(r"<Code>([\w.]+)</Code>", str(error))
    return object_error(int(status[1]) if status else 0, code[1] if code else "", key, one_line(str(error)))


def _boto3_error(error: Exception, key: str) -> MediaMonitorError:
    """What an error of boto3 says about the object."""
    if not isinstance(error, ClientError):
        return InfrastructureError(one_line(str(error)))
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return object_error(status, error.response["Error"]["Code"], key, one_line(str(error)))
