# The image of `tanyakaki`. Built in two stages: what builds it stays behind. No secret belongs in here: settings come
# from the environment when a container starts.

# The Python that the tests run on.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim-bookworm AS build
WORKDIR /build
# Dependencies first: they change more seldom than the program. The environment has no pip of its own.
COPY requirements.lock ./
RUN python -m venv --without-pip /opt/tanyakaki \
 && pip --python /opt/tanyakaki install --no-cache-dir --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY flows flows
COPY knowledge knowledge
RUN pip --python /opt/tanyakaki install --no-cache-dir --no-deps --no-build-isolation .

FROM python:${PYTHON}-slim-bookworm
# The user has a fixed number, so that owners of files are the same on every machine; it may write to /data alone.
RUN groupadd --gid 10001 tanyakaki \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin tanyakaki \
 && install --directory --owner 10001 --group 10001 --mode 700 /data
COPY --from=build /opt/tanyakaki /opt/tanyakaki
ENV PATH=/opt/tanyakaki/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    XDG_CACHE_HOME=/tmp
WORKDIR /
USER 10001:10001
VOLUME /data
EXPOSE 8000
# Whether the process answers. Whether Redis does, too, says /readyz: a container is not to be killed for that.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["tanyakaki"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
