"""The task `alert` on real Airflow, with its own notifiers for mail and webhooks, which talk to servers on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest
from dag_harness import Airflow, Site

from faults.receivers import Received, mail_server, webhook
from flow.harness import article
from mediamonitor.settings import Settings
from mediamonitor.warehouse.connection import open_warehouse

pytestmark = pytest.mark.airflow

SMTP = "airflow.providers.smtp.notifications.smtp.SmtpNotifier"
HTTP = "airflow.providers.http.notifications.http.HttpNotifier"
NAME = "Zoë <b>& {{ conn.webhook.password }}"
"""What an entity or a source may be called: neither HTML nor a template may come of it."""
LINE = f"spike: {NAME} on 2026-03-02: 15 articles of 3 owners, 3.00% of all where 1.00% is usual (score 4.1)"


@pytest.fixture
def mail() -> Iterator[Received]:
    with mail_server() as received:
        yield received


@pytest.fixture
def web() -> Iterator[Received]:
    with webhook() as received:
        yield received


def watchlist(site: Site) -> Path:
    return site.folder / "watchlist.yaml"


@pytest.fixture
def published(airflow: Airflow, new_site: Callable[..., Site]) -> Site:
    """A site that was published, with one alert that nobody was told."""
    site = new_site()
    site.landing.put("harbour-post/2026/03/02/a.txt", article())
    entity = {"id": "zoe", "name": NAME, "kind": "person"}
    watchlist(site).write_text(json.dumps({"version": 1, "entities": [entity]}))
    for dag in ("ingest_articles", "publish_mentions"):
        airflow.run(dag, site.environment(watchlist=str(watchlist(site))))
    with open_warehouse(Settings(warehouse=f"duckdb://{site.warehouse}")) as warehouse:
        warehouse.query("INSERT INTO spikes VALUES ('2026-03-02', 'zoe', 0.03, 0.01, 4.1, 4, 3, 15)")
        warehouse.query(
            "INSERT INTO alerts BY NAME SELECT 'spike' AS kind, DATE '2026-03-02' AS published_on, 'zoe' AS entity_id, "
            "$now::TIMESTAMP AS found_at, []::VARCHAR[] AS told_to",
            now=datetime.now(timezone.utc),
        )
    return site


def told(site: Site, mail: Received, web: Received, **settings: str) -> dict[str, str]:
    """What Airflow is told: both notifiers and their connections."""
    extra = {"disable_ssl": True, "disable_tls": True, "from_email": "monitor@example.org", "retry_limit": 0}
    mail_to = {"conn_type": "smtp", "host": "127.0.0.1", "port": mail.port, "extra": extra}
    post_to = {"conn_type": "http", "host": "127.0.0.1", "port": web.port, "password": "hidden"}
    notifiers = [
        {"class": SMTP, "name": "desk", "smtp_conn_id": "mail", "to": "desk@example.org"},
        {"class": HTTP, "http_conn_id": "webhook", "endpoint": "alerts"},
    ]
    settings = {"watchlist": str(watchlist(site)), "alert_notifiers": json.dumps(notifiers), **settings}
    return {
        **site.environment(**settings),
        "AIRFLOW_CONN_MAIL": json.dumps(mail_to),
        "AIRFLOW_CONN_WEBHOOK": json.dumps(post_to),
    }


def test_log_mail_and_webhook_are_told_once(airflow: Airflow, published: Site, mail: Received, web: Received) -> None:
    environment = told(published, mail, web)
    run = airflow.run("publish_mentions", environment)
    assert (run.state, run.tasks["alert"], run.failures) == ("success", "success", {})
    assert run.xcoms["alert.return_value"] == {"log": 1, "desk": 1, HTTP: 1}
    (message,) = mail.mails
    assert (message["To"], message["From"]) == ("desk@example.org", "monitor@example.org")
    assert message["Subject"] == "Media Monitor: 1 alert"
    (part,) = [part for part in message.walk() if part.get_content_type() == "text/html"]
    html = part.get_content()
    assert html.strip() == f"<pre>{LINE.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</pre>"
    ((path, kind, posted),) = web.posts
    assert (path, kind, posted["text"]) == ("/alerts", "application/json", LINE)
    assert (posted["alerts"][0]["entity_id"], posted["alerts"][0]["published_on"]) == ("zoe", "2026-03-02")

    again = airflow.run("publish_mentions", environment)
    assert (again.state, again.tasks["alert"]) == ("success", "skipped")
    assert (len(mail.mails), len(web.posts)) == (1, 1)


@pytest.mark.parametrize("down", ["mail", "web"])
def test_a_notifier_that_fails_is_retried_alone(
    airflow: Airflow, published: Site, mail: Received, web: Received, down: str
) -> None:
    refusing, other = (mail, web) if down == "mail" else (web, mail)
    refusing.refuses = True
    run = airflow.run("publish_mentions", told(published, mail, web))
    assert (run.state, run.tasks["alert"], run.retried) == ("failed", "failed", {"alert": 3})
    assert run.failures["alert"].startswith("InfrastructureError: the alert notifier ")
    assert len(other.mails) + len(other.posts) == 1
    refusing.refuses = False
    run = airflow.run("publish_mentions", told(published, mail, web))
    assert (run.state, run.tasks["alert"]) == ("success", "success")
    assert (len(mail.mails), len(web.posts)) == (1, 1)


@pytest.mark.parametrize(
    ("notifier", "why"),
    [
        ({"class": "no.such.Thing"}, "cannot be loaded"),
        ({"class": "datetime.datetime"}, "is no Airflow notifier"),
        ({"class": SMTP, "colour": "red"}, "cannot be made"),
    ],
)
def test_a_notifier_that_cannot_be_is_not_retried(
    airflow: Airflow, published: Site, mail: Received, web: Received, notifier: dict[str, str], why: str
) -> None:
    run = airflow.run("publish_mentions", told(published, mail, web, alert_notifiers=json.dumps([notifier])))
    assert (run.state, run.tasks["alert"], run.retried) == ("failed", "failed", {})
    assert run.failures["alert"].startswith("ConfigurationError: ") and why in run.failures["alert"]
