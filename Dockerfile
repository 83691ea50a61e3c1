# One image for the gateway (the default command), the worker and the sandbox. Python itself is pinned by tag, every
# package by hash. `requirements.lock` is the runtime alone: no Temporal CLI, no development tools.

FROM python:3.11.15-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements.lock ./
# Wheels only: the image needs no compiler, and nothing runs a package's setup script.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --require-hashes --only-binary :all: -r requirements.lock

WORKDIR /app
COPY activities activities/
COPY boardsync boardsync/
COPY clients clients/
COPY config config/
COPY models models/
COPY runtime runtime/
COPY sandbox sandbox/
COPY store store/
COPY webhook_gateway webhook_gateway/
COPY workflows workflows/
COPY worker.py ./
COPY deploy/worker_health.py deploy/
# Readable by any user, whatever the umask of the checkout; compiled here, because at run time nothing may be written.
RUN chmod -R a+rX /app \
    && python -m compileall -q /app


FROM python:3.11.15-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
# A volume that is mounted here belongs to who runs the processes: the store is the one thing that they write.
RUN install -d -o 10001 -g 10001 /var/lib/boardsync
WORKDIR /app
USER 10001:10001
EXPOSE 8080
# For the gateway. The worker's check is `python -m deploy.worker_health`: see docker-compose.yml.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", \
    "import urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:8080/healthz', timeout=3)"]
CMD ["python", "-m", "webhook_gateway"]
