FROM python:3.11.14-slim-bookworm AS build
ENV PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY app ./app
COPY migrations ./migrations
COPY seed ./seed
RUN python -m venv /opt/dealgraph \
    && /opt/dealgraph/bin/pip install --quiet '.[otel]' \
    && mkdir /data

FROM python:3.11.14-slim-bookworm
LABEL org.opencontainers.image.title="Dealgraph" \
      org.opencontainers.image.description="A REST API over a SQL store of AI-infrastructure deals" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="python:3.11.14-slim-bookworm"
COPY --from=build /opt/dealgraph /opt/dealgraph
COPY --from=build --chown=10001:10001 /data /data
# Nothing is written but the store in /data and what is passing in /tmp: the root file system may be read-only.
ENV PATH="/opt/dealgraph/bin:$PATH" PYTHONUNBUFFERED=1 DEALGRAPH_DATABASE_URL=sqlite:////data/dealgraph.db
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
CMD ["dealgraph", "serve", "--host", "0.0.0.0", "--port", "8000"]
