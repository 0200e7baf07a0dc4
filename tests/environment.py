"""The environment of the tests, loaded before Django reads its settings. Values already set win."""

import os

os.environ.setdefault("TENANT0_ISSUER", "https://auth.travel0.test/")
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "0123456789abcdef" * 4)
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
# Named although it is the default, so that a developer's own .env has no say.
os.environ.setdefault("REDIS_URL", "")
os.environ.setdefault("EMAIL_URL", "memorymail://")
os.environ.setdefault("ALLOWED_HOSTS", "auth.travel0.test,localhost,127.0.0.1,testserver")
os.environ.setdefault("CELERY_BROKER_URL", "memory://")

# Tests that run side by side share one Redis: each worker gets a database of its own, as each has of PostgreSQL.
if (worker := os.environ.get("PYTEST_XDIST_WORKER", "")) and (redis_url := os.environ.get("REDIS_URL")):
    os.environ["REDIS_URL"] = f"{redis_url.rpartition('/')[0]}/{int(worker.removeprefix('gw'))}"
