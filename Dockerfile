# Scarp in a container: packages while it is built, no network needed when it runs, nothing written but to /data and /tmp.
FROM python:3.12-slim AS packages
WORKDIR /build
COPY requirements.txt requirements-test.txt ./
# uv, as in the Makefile: older pips refuse lists with hashes where a package asks for another with extras
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir uv==0.13.9 \
 && /opt/venv/bin/uv pip install --no-cache --python /opt/venv/bin/python -r requirements.txt \
 && /opt/venv/bin/uv pip install --no-cache --python /opt/venv/bin/python -c requirements-test.txt "psycopg[binary]" \
 && /opt/venv/bin/pip uninstall --yes uv

FROM python:3.12-slim
# GDAL in rasterio's wheel brings all it needs but this
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libexpat1 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --no-create-home --home-dir /data scarp \
 && install --directory --owner=scarp --group=scarp /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /opt/scarp
COPY pyproject.toml LICENSE streamlit_app.py server.py ./
COPY .streamlit/config.toml .streamlit/config.toml
COPY app app
COPY pages pages
COPY models models
COPY static static
COPY docs docs
ENV PATH=/opt/venv/bin:$PATH \
    HOME=/data \
    SCARP_HOME=/data \
    SCARP_PATHS=off \
    PYTHONUNBUFFERED=1
# what Scarp would write beside its code the first time: bytecode, and the maps' scripts from their packages
RUN python -m compileall -q app pages \
 && python -c "from app.ui.assets import use_local_assets; use_local_assets()"
# else Streamlit, which listens everywhere here, asks a service outside for this machine's address to print it
ENV PYTHONDONTWRITEBYTECODE=1 \
    STREAMLIT_LOGGER_HIDE_WELCOME_MESSAGE=true
USER 10001
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "import os, urllib.request as u; path = os.environ.get('STREAMLIT_SERVER_BASE_URL_PATH', '').strip('/'); u.urlopen('/'.join(filter(None, ['http://127.0.0.1:8501', path, '_stcore/health'])), timeout=4)"]
CMD ["streamlit", "run", "server.py", "--server.address=0.0.0.0", "--server.port=8501"]
