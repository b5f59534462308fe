"""dlt as its documentation loads files: the filesystem source, incremental by modification date, into DuckDB."""

import os
import sys
from collections.abc import Iterator

import dlt
from dlt.sources.credentials import AwsCredentials
from dlt.sources.filesystem import filesystem

landing, pattern, folder = sys.argv[1:]


@dlt.transformer
def articles(items: list) -> Iterator[dict[str, str]]:  # type: ignore[type-arg]
    """Title and body of each file."""
    for item in items:
        title, _, body = item.read_bytes().decode().partition("\n")
        yield {"key": item["file_url"], "title": title, "body": body}


files = filesystem(
    bucket_url=landing,
    credentials=AwsCredentials(
        aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
        endpoint_url=os.environ["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
    ),
    file_glob=f"{pattern}/**/*.txt",
    incremental=dlt.sources.incremental("modification_date"),
)
pipeline = dlt.pipeline("bench", pipelines_dir=folder, destination=dlt.destinations.duckdb(f"{folder}.duckdb"))
pipeline.run((files | articles).with_name("articles"), write_disposition="append")
