"""What the error answers of an S3 server mean, by status and code."""

from __future__ import annotations

from mediamonitor.errors import ConfigurationError, InfrastructureError, MediaMonitorError
from mediamonitor.landing.store import ObjectArchived, ObjectChanged, ObjectDenied, ObjectGone, StoreRefuses

NOT_BY_WAITING = {
    "NoSuchBucket": "the bucket does not exist; create it or correct the URL",
    "InvalidBucketName": "this is not a valid bucket name; correct the URL",
    "InvalidAccessKeyId": "the access key is not known there; check the credentials",
    "SignatureDoesNotMatch": "the secret key does not fit the access key; check the credentials",
    "AccessDenied": "these credentials may not do this; they need s3:ListBucket and s3:GetObject",
    "AllAccessDisabled": "access to this bucket is switched off; ask its owner",
}
"""What no waiting cures, while listing."""
_CREDENTIALS_ARE_OVER = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidToken",
    "TokenRefreshRequired",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "RequestTimeTooSkewed",
    "AllAccessDisabled",
    "AccountProblem",
}
"""What every object would answer, while reading: they were good enough for the listing before."""


def object_error(status: int, code: str, key: str, text: str) -> MediaMonitorError:
    """What an answer to a read says about the object, or about the store."""
    if code in _CREDENTIALS_ARE_OVER or status == 401:
        return StoreRefuses(f"the credentials are no longer accepted ({code or status}); renew them")
    if code == "InvalidObjectState":
        return ObjectArchived("in an archive storage class; have it restored")
    if status == 404:
        return ObjectGone(key)
    if status == 412:
        return ObjectChanged(key)
    if status == 403 or code == "InvalidRequest" or code.startswith("KMS."):  # encrypted with a key that we lack
        return ObjectDenied(f"these credentials may not read it ({code or status}); they need s3:GetObject and the key")
    return InfrastructureError(text)


def store_error(url: str, code: str) -> MediaMonitorError:
    """What an error code says about the bucket."""
    if code in NOT_BY_WAITING:
        return ConfigurationError(f"{url}: {NOT_BY_WAITING[code]} ({code})")
    return InfrastructureError(f"{url}: {code}; try again")
