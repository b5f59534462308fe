"""The loader that most teams write by hand: boto3, 16 threads, Arrow, DuckDB. No ledger, no validation, no counts."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
import duckdb
import pyarrow as pa
from botocore.config import Config

THREADS = 16
bucket, _, prefix = sys.argv[1].removeprefix("s3://").partition("/")
client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], config=Config(max_pool_connections=THREADS))


def read(found: dict[str, str]) -> tuple[str, str, str, str]:
    """Key, ETag, title and body of an object."""
    content = client.get_object(Bucket=bucket, Key=found["Key"], IfMatch=found["ETag"])["Body"].read()
    title, _, body = content.decode().partition("\n")
    return found["Key"], found["ETag"], title, body


pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/")
with ThreadPoolExecutor(THREADS) as pool:
    rows = list(pool.map(read, (found for page in pages for found in page["Contents"])))
articles = pa.table(dict(zip(("key", "etag", "title", "body"), zip(*rows, strict=True), strict=True)))
with duckdb.connect(sys.argv[2]) as connection:
    connection.execute("CREATE TABLE articles AS FROM articles")
