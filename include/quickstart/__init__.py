"""The first hour: a local S3 server and Airflow, started for `make run` and `make up`, and for the tests."""
