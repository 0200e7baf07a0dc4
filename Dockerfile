# Two stages: the first builds the virtual environment, the second carries it and the code, and nothing else.
FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/requirements.txt
RUN /opt/venv/bin/pip install --require-hashes -r /tmp/requirements.txt

FROM python:3.12-slim-bookworm
# xmlsec1 verifies and signs SAML messages.
RUN apt-get update \
    && apt-get install -y --no-install-recommends xmlsec1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /home/tenant0 tenant0
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=tenant0.settings
WORKDIR /srv/tenant0
COPY --from=build /opt/venv /opt/venv
COPY manage.py ./
COPY actions ./actions
COPY core ./core
COPY identity ./identity
COPY invitations ./invitations
COPY login ./login
COPY oidc ./oidc
COPY orgs ./orgs
COPY tenant0 ./tenant0
COPY locale ./locale
COPY static ./static
COPY templates ./templates
USER tenant0
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# Stopping begins with the requests in progress.
STOPSIGNAL SIGTERM
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0", "--port", "8000", "--workers", "2"]
