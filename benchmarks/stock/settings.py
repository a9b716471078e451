"""As `startproject` writes them, on our database, with the connection pool that the ASGI handler needs under load."""

import os

import environ

ROOT_URLCONF = "benchmarks.stock.site"
SECRET_KEY = os.environ["STOCK_TOKEN"]
CARRIER_TOKEN = os.environ["STOCK_TOKEN"]
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "benchmarks.stock",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# Without the pool it opens a connection for each request and fails at 64 at once: that would be no opponent.
DATABASES = {"default": {**environ.Env.db_url_config(os.environ["DATABASE_URL"]), "OPTIONS": {"pool": {"max_size": 8}}}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
USE_TZ = True
