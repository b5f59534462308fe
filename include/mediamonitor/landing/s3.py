"""A bucket of S3, or of a server that speaks its protocol.

Buckets are listed through signed ListObjectsV2 pages (`encoding-type=url`) read with lxml, since one odd key would make
obstore's listing fail and boto3's paginator is thirty times slower. Objects are read and written with obstore, which
costs a tenth of boto3's CPU; keys that obstore would refuse or change go through boto3 (docs/decisions.md).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
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
from obstore.store import S3Store

from mediamonitor.article import Fetched
from mediamonitor.errors import ConfigurationError, InfrastructureError, MediaMonitorError
from mediamonitor.landing.folder import obstore_put
from mediamonitor.landing.store import LISTING, Access, ObjectChanged, ObjectDenied, ObjectGone, one_line

_ANY = "{*}"  # some servers leave the XML namespace out; a listing that finds nothing for that must not pass
_UNTOUCHED_BY_OBSTORE = re.compile(
    r"(?!/)(?!.*//)(?!(.*/)?\.\.?(/|$))[^\x00-\x1f\x7f-\x9f]*[^/\x00-\x1f\x7f-\x9f]", re.DOTALL
)
_RETRY = {
    "max_retries": 6,
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=5), "base": 2},
    "retry_timeout": timedelta(seconds=40),
}
_NEVER_BY_WAITING = {
    "NoSuchBucket",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "AccessDenied",
    "AllAccessDisabled",
    "InvalidBucketName",
}


class S3Bucket:
    """A bucket (and prefix) of S3 or of a server that speaks its protocol."""

    def __init__(self, bucket: str, prefix: str, access: Access) -> None:
        self.bucket, self.prefix = bucket, f"{prefix}/" if prefix else ""
        self.url = f"s3://{bucket}/{prefix}".rstrip("/")
        session = access.session or boto3.Session()
        config = Config(
            signature_version="s3v4",
            connect_timeout=10,
            read_timeout=60,
            retries={"mode": "standard", "max_attempts": 5},
        )
        try:
            self._client = session.client(
                "s3", endpoint_url=access.endpoint_url, region_name=session.region_name or "us-east-1", config=config
            )
            if session.get_credentials() is None:
                raise NoCredentialsError()
        except NoCredentialsError:
            raise ConfigurationError(
                f"no credentials for {self.url}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or an AWS profile"
            ) from None
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

    def listing(self, below: str = "") -> pa.Table:
        http = URLLib3Session(timeout=(10, 60))
        params: dict[str, Any] = {"Bucket": self.bucket, "Prefix": self.prefix + below, "EncodingType": "url"}
        pages: list[pa.RecordBatch] = []
        while True:
            root = self._page(http, params)
            pages.append(_page_rows(root))
            if root.findtext(f"{_ANY}IsTruncated") != "true":
                return pa.Table.from_batches(pages, schema=LISTING)
            token = root.findtext(f"{_ANY}NextContinuationToken")
            if not token:
                raise InfrastructureError(
                    f"listing {self.url}: a page says that it is cut but names no next one; try again"
                )
            params["ContinuationToken"] = token

    def _page(self, http: URLLib3Session, params: dict[str, Any]) -> Any:
        problem = ""
        for _ in range(4):
            try:
                url = self._client.generate_presigned_url("list_objects_v2", Params=params)
                answer = http.send(AWSRequest("GET", url).prepare())
                root = etree.fromstring(
                    answer.content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
                )
            except NoCredentialsError:
                raise ConfigurationError(
                    f"no credentials for {self.url}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                ) from None
            except (BotoCoreError, etree.XMLSyntaxError) as error:
                problem = str(error)
                continue
            if answer.status_code == 200 and etree.QName(root).localname == "ListBucketResult":
                return root
            code = root.findtext(f"{_ANY}Code") or str(answer.status_code)
            if code in _NEVER_BY_WAITING:
                raise _store_error(self.url, code)
            problem = f"{code}: {root.findtext(f'{_ANY}Message') or 'no message'}"
            if answer.status_code < 500:
                break
        raise InfrastructureError(f"listing {self.url} failed: {one_line(problem)}; nothing was changed, try again")

    def get(self, key: str, etag: str | None = None) -> Fetched:
        if not obstore_keeps(key):
            return self._get_with_boto3(key, etag)
        try:
            result = obstore.get(self._store, key, options={"if_match": etag} if etag else None)
            body = bytes(result.bytes())
        except FileNotFoundError:
            raise ObjectGone(key) from None
        except PreconditionError:
            raise ObjectChanged(key) from None
        except (PermissionDeniedError, UnauthenticatedError) as error:
            raise ObjectDenied(one_line(str(error))) from None
        except BaseError as error:
            raise InfrastructureError(one_line(str(error))) from None
        if len(body) != result.meta["size"]:
            raise InfrastructureError(f"got {len(body)} of {result.meta['size']} bytes")
        standard = {
            "Content-Type",
            "Content-Encoding",
            "Content-Language",
            "Content-Disposition",
            "Cache-Control",
            "Storage-Class",
        }
        return Fetched(
            body, {str(name).lower(): str(value) for name, value in result.attributes.items() if name not in standard}
        )

    def _get_with_boto3(self, key: str, etag: str | None, **extra: str) -> Fetched:
        try:
            answer = self._client.get_object(
                Bucket=self.bucket, Key=key, **({"IfMatch": etag} if etag else {}), **extra
            )
            return Fetched(answer["Body"].read(), {name.lower(): value for name, value in answer["Metadata"].items()})
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            kind = {404: ObjectGone, 412: ObjectChanged, 403: ObjectDenied, 401: ObjectDenied}.get(
                status, InfrastructureError
            )
            raise kind(one_line(str(error))) from None
        except BotoCoreError as error:
            raise InfrastructureError(one_line(str(error))) from None

    def head_bytes(self, key: str, count: int) -> bytes:
        return self._get_with_boto3(key, None, Range=f"bytes=0-{count - 1}").body

    def put(self, name: str, body: bytes | Path) -> None:
        obstore_put(self._store, self.prefix + name, body, self.url)

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

    def create_bucket(self) -> None:
        """Create the bucket where it is not. For the first run and the tests; production buckets are the user's."""
        try:
            self._client.create_bucket(Bucket=self.bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                raise _store_error(self.url, error.response["Error"]["Code"]) from None
        except BotoCoreError as error:
            raise InfrastructureError(f"creating bucket {self.bucket} failed: {one_line(str(error))}") from None

    def upload(self, key: str, body: bytes, metadata: dict[str, str] | None = None) -> None:
        """Put an object under any key whatever, with user metadata (what a producer of articles does)."""
        try:
            self._client.put_object(Bucket=self.bucket, Key=key, Body=body, Metadata=metadata or {})
        except ClientError as error:
            raise _store_error(self.url, error.response["Error"]["Code"]) from None
        except BotoCoreError as error:
            raise InfrastructureError(f"writing {key!r} to {self.url} failed: {one_line(str(error))}") from None


def obstore_keeps(key: str) -> bool:
    """Whether obstore carries this key as it is: no empty, `.` or `..` segment, no slash at the ends, no controls."""
    return _UNTOUCHED_BY_OBSTORE.fullmatch(key) is not None


def _page_rows(root: Any) -> pa.RecordBatch:
    rows = [
        (
            item.findtext(f"{_ANY}Key"),
            item.findtext(f"{_ANY}ETag"),
            item.findtext(f"{_ANY}Size"),
            item.findtext(f"{_ANY}LastModified"),
        )
        for item in root.iterfind(f"{_ANY}Contents")
    ]
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
