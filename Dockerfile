# One image for the gateway (the default command), the worker, the console's commands and the sandbox. Python itself is
# pinned by tag (a digest is for whoever has a registry: put `@sha256:…` behind both tags), every package by hash.
# `requirements.lock` is the runtime alone: no Temporal CLI, no development tools.

FROM python:3.11.15-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements.lock ./
# Wheels only: the image needs no compiler, and nothing runs a package's setup script.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --require-hashes --only-binary :all: -r requirements.lock

# What is in the image, as a CycloneDX bill of materials; the tool itself does not go into the image.
FROM build AS sbom
COPY deploy/supply-chain.lock ./
RUN python -m venv /opt/tools \
    && /opt/tools/bin/pip install --require-hashes --only-binary :all: -r supply-chain.lock
COPY pyproject.toml ./
RUN /opt/tools/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml --of JSON \
        --output-file /build/sbom.cdx.json /opt/venv/bin/python

FROM build AS app
WORKDIR /app
# All that .dockerignore lets through, which names it.
COPY . ./
# Readable by any user, whatever the umask of the checkout; compiled here, because at run time nothing may be written.
# The version, as an installed package tells it.
RUN python -c 'import pathlib, tomllib; v = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["project"]["version"]; \
d = pathlib.Path(f"boardsync-{v}.dist-info"); d.mkdir(); \
(d / "METADATA").write_text(f"Metadata-Version: 2.1\nName: boardsync\nVersion: {v}\n")' \
    && rm requirements.lock pyproject.toml deploy/supply-chain.lock \
    && chmod -R a+rX /app \
    && python -m compileall -q /app


FROM python:3.11.15-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
COPY --from=build /opt/venv /opt/venv
COPY --from=sbom /build/sbom.cdx.json /usr/share/boardsync/sbom.cdx.json
COPY --from=app /app /app
# A volume that is mounted here belongs to who runs the processes: an SQLite store is the one thing that they write.
RUN install -d -o 10001 -g 10001 /var/lib/boardsync
WORKDIR /app
USER 10001:10001
EXPOSE 8080
# Every part ends in order at SIGTERM: see docs/deployment.md.
STOPSIGNAL SIGTERM
# For the gateway. The worker's check is `python -m deploy.worker_health`: see docker-compose.yml.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", \
    "import urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:8080/healthz', timeout=3)"]
CMD ["python", "-m", "webhook_gateway"]
# Last, so that another commit alone builds nothing anew:
#   docker build --build-arg REVISION=$(git rev-parse HEAD) --build-arg CREATED=$(date -u +%Y-%m-%dT%H:%M:%SZ) .
ARG VERSION=0.2.0
ARG REVISION=
ARG CREATED=unknown
ENV BOARDSYNC_COMMIT=$REVISION
LABEL org.opencontainers.image.title=boardsync \
      org.opencontainers.image.description="Keeps jobs on LinkedIn and Indeed in step with iCIMS" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.revision=$REVISION \
      org.opencontainers.image.created=$CREATED \
      org.opencontainers.image.base.name=docker.io/library/python:3.11.15-slim-bookworm
