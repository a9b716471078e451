"""Settings. Each comes from the environment or from `.env`; `.env.example` explains them one by one.

Without any, this is the demo: servers from `up` (its `run.json` says where), the sandbox as carrier, secrets made at
the first start. `CALLCENTER_ENV=production` turns the strict side on; `checks.py` then refuses what is unsafe.
"""

import logging
from urllib.parse import urlsplit

import environ

from . import data, log
from .rest import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401 (read by their libraries)
from .unfold import UNFOLD  # noqa: F401

BASE_DIR = data.BASE_DIR
env = environ.Env()

CALLCENTER_ENV = env.str("CALLCENTER_ENV", "development")
TESTING = CALLCENTER_ENV == "test"
if not TESTING and (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")
    CALLCENTER_ENV = env.str("CALLCENTER_ENV", "development")
PRODUCTION = CALLCENTER_ENV == "production"
DEBUG = env.bool("DEBUG", False)

DATA_DIR = data.folder()
RUNNING = data.running(DATA_DIR)
# In production secrets are given, so that web and worker on two machines have the same ones.
SECRETS = {} if PRODUCTION else data.first_run_secrets(DATA_DIR)

# An empty key would stop Django before `checks.py` can say what to do.
SECRET_KEY = env.str("SECRET_KEY", "") or SECRETS.get("SECRET_KEY", "") or "missing"
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEMO_PASSWORD = env.str("DEMO_PASSWORD", "") or SECRETS.get("DEMO_PASSWORD", "")
METRICS_TOKEN = env.str("METRICS_TOKEN", "") or SECRETS.get("METRICS_TOKEN", "")

# --- Carrier ---------------------------------------------------------------------------------------------------------
CARRIER = data.carrier()
_sandbox = CARRIER == "sandbox"


def _account(name: str) -> str:
    """A value of the carrier's account. The sandbox never sees those of a real one."""
    sandbox_name = "SANDBOX_" + name.replace("TWIML_", "")
    return (env.str(sandbox_name, "") or SECRETS.get(sandbox_name, "")) if _sandbox else env.str(f"TWILIO_{name}", "")


TWILIO_ACCOUNT_SID = _account("ACCOUNT_SID")
TWILIO_AUTH_TOKEN = _account("AUTH_TOKEN")
# While the token is being changed, requests signed with the earlier one are still genuine.
TWILIO_AUTH_TOKEN_PREVIOUS = env.str("TWILIO_AUTH_TOKEN_PREVIOUS", "")
TWILIO_API_KEY = _account("API_KEY")
TWILIO_API_SECRET = _account("API_SECRET")
TWILIO_TWIML_APP_SID = _account("TWIML_APP_SID")
# Where the carrier reaches us, and where we reach the carrier (empty: Twilio itself).
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", "" if PRODUCTION else RUNNING.get("base_url", "http://127.0.0.1:8000"))
CARRIER_BASE_URL = env.str(
    "CARRIER_BASE_URL", RUNNING.get("sandbox_url", "http://127.0.0.1:8100") if _sandbox else ""
).rstrip("/")
# Where the sandbox's calls sound; `up` starts the engine on a free port.
SOUND_URL = RUNNING.get("sound_url", "") if _sandbox else ""
PUBLIC_BASE_URL = PUBLIC_BASE_URL.rstrip("/")
# ISO countries that may be dialled; the number policy refuses every other.
CARRIER_ALLOWED_COUNTRIES = env.list("CARRIER_ALLOWED_COUNTRIES", default=["US", "CA"])
GLOBAL_MAX_CALLS = env.int("GLOBAL_MAX_CALLS", 50)
# How long a request to dial whose answer was lost is looked for, before it counts as never carried out.
DIAL_GRACE_SECONDS = env.int("DIAL_GRACE_SECONDS", 120)
# After so long without a word about an open line, the carrier is asked how it stands.
CALL_SILENCE_SECONDS = env.int("CALL_SILENCE_SECONDS", 60)
# Campaigns. Times in milliseconds, but where the name says otherwise.
MAX_CONCURRENT_CALL_WAIT = env.int("MAX_CONCURRENT_CALL_WAIT", 5000)
SUBSEQUENT_CALL_WAIT = env.int("SUBSEQUENT_CALL_WAIT", 6000)
BOT_WARMUP_URL = env.str("BOT_WARMUP_URL", "")
BOT_WARMUP_TIMEOUT = env.int("BOT_WARMUP_TIMEOUT", 60_000)
BOT_WARMUP_RETRIES = env.int("BOT_WARMUP_RETRIES", 3)
CALL_TIMEOUT_MINUTES = env.int("CALL_TIMEOUT_MINUTES", 10)
CLEANUP_INTERVAL = env.int("CLEANUP_INTERVAL", 300_000)
HEARTBEAT_INTERVAL = env.int("HEARTBEAT_INTERVAL", 30_000)
ORPHAN_DETECTION_THRESHOLD = env.int("ORPHAN_DETECTION_THRESHOLD", 120_000)
# Who dials for a campaign is believed to be alive for so long; then another process takes over.
DIALER_LEASE_SECONDS = env.float("DIALER_LEASE_SECONDS", 10)
# Voice menus ask web services that an administrator entered: on public addresses, and in these networks.
LOOKUP_NETWORKS = env.list("LOOKUP_NETWORKS", default=[])
LOOKUP_CA_FILE = env.str("LOOKUP_CA_FILE", "")
# How long an operator has to file a call that was placed from the desk.
DESK_WRAP_UP_SECONDS = env.int("DESK_WRAP_UP_SECONDS", 30)

# --- Web -------------------------------------------------------------------------------------------------------------
_public = urlsplit(PUBLIC_BASE_URL)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]"])
if _public.hostname and "*" not in ALLOWED_HOSTS and _public.hostname not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(_public.hostname)
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"] if _public.scheme == "https" else []
ROOT_URLCONF = "callcenter.urls"
ASGI_APPLICATION = "callcenter.asgi.application"
# Threads that answer HTTP in one web process; each keeps a database connection.
WEB_THREADS = env.int("WEB_THREADS", 12)
# As many for the carrier's requests, so that no page keeps a caller waiting.
CARRIER_THREADS = env.int("CARRIER_THREADS", 8)

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "channels",
    "django_celery_beat",
    "axes",
    "django_structlog",
    # The house, from the ground up.
    "apps.core",
    "apps.clients",
    "apps.destinations",
    "apps.hours",
    "apps.people",
    "apps.carrier",
    "apps.operators",
    "apps.notify",
    "apps.calls",
    "apps.recordings",
    "apps.queues",
    "apps.ivr",
    "apps.routing",
    "apps.campaigns",
    "apps.integrations",
    "apps.reports",
    "apps.switchboard",
    "apps.live",
    "callcenter",
]

MIDDLEWARE = [
    "callcenter.health.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "callcenter.csp.PolicyMiddleware",
    "callcenter.zones.ZoneMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Data ------------------------------------------------------------------------------------------------------------
# A time-out is always set: a stuck query must not hold a caller. `migrate` raises it (DATABASE_STATEMENT_TIMEOUT_MS=0).
_timeouts = {
    "statement_timeout": env.int("DATABASE_STATEMENT_TIMEOUT_MS", 30_000),
    "lock_timeout": env.int("DATABASE_LOCK_TIMEOUT_MS", 5_000),
    "idle_in_transaction_session_timeout": 60_000,
}
# The placeholder lets commands that need no database run; port 1 answers nobody.
DATABASE_URL = env.str("DATABASE_URL", RUNNING.get("database_url", "postgresql://callcenter@127.0.0.1:1/callcenter"))
DATABASES = {
    "default": {
        **env.db_url_config(DATABASE_URL),
        # Connections stay with their thread: opening one costs more than most queries.
        "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", 600),
        "CONN_HEALTH_CHECKS": True,
    }
}
DATABASES["default"].setdefault("OPTIONS", {})
# The statements of `core.prepared` are planned once per connection; Django's own are never prepared. What is asked for
# often lies in memory, where an index costs no more than its pages.
DATABASE_PREPARED = env.bool("DATABASE_PREPARED", True)
_session = {**_timeouts, "plan_cache_mode": "force_generic_plan", "random_page_cost": 1.1}
DATABASES["default"]["OPTIONS"] |= {
    "options": " ".join(f"-c {name}={value}" for name, value in _session.items()),
    "connect_timeout": 5,
    "prepare_threshold": 2**31 if DATABASE_PREPARED else None,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", RUNNING.get("redis_url", "redis://127.0.0.1:1/0"))
# The cache has a database of its own, because clearing it empties that database.
_redis, _, _redis_database = REDIS_URL.rpartition("/")
CACHE_URL = env.str("CACHE_URL", f"{_redis}/{int(_redis_database) + 1}" if _redis_database.isdigit() else REDIS_URL)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # redis-py gives up after 5 idle seconds unless told otherwise, and an idle socket is our normal state.
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}]},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_IGNORE_RESULT = True
# Nothing is kept, so nothing need be cleaned up.
CELERY_RESULT_EXPIRES = None
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"

MEDIA_ROOT = env.str("MEDIA_ROOT", str(DATA_DIR / "media"))
STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", str(BASE_DIR / "staticfiles")) if PRODUCTION else None
# The sandbox's part in a page, as a carrier's SDK would be; the booth loads the same files.
STATICFILES_DIRS = [BASE_DIR / "static", ("sandbox", BASE_DIR / "apps/sandbox/static/sdk")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Outside production files are served from where they lie: nothing to collect, nothing stale. Looked for when they are
# asked for: every client of a test is a start of the site, and would list all of them first.
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG or TESTING
WHITENOISE_MAX_AGE = 60 if PRODUCTION else 0

# --- People and permissions ------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
# Name and address together: one colleague's typing errors must not lock out the whole office behind one address.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_ENABLED = not TESTING
AXES_IPWARE_PROXY_COUNT = env.int("PROXY_COUNT", 0)
AXES_VERBOSE = False
if TESTING:
    # Tests make many users; a fast hash saves most of their time.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# --- Safety ----------------------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000 if PRODUCTION else 0)
# Prometheus asks over plain HTTP, inside the network.
SECURE_REDIRECT_EXEMPT = [r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", False) else None
# Whether HTTPS holds for the neighbours under the same domain is not ours to decide (W005, W021: HSTS for subdomains).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
CSRF_FAILURE_VIEW = "callcenter.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
# The largest thing that comes in a body: a carrier's webhook or a form. Uploads are files and not counted.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
FILE_UPLOAD_HANDLERS = [
    "apps.core.uploads.Limited",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# The scripts of the desk speak to the carrier: to the sandbox over a websocket, or to Twilio.
CARRIER_SOCKETS = (
    [CARRIER_BASE_URL, *(url.replace("http", "ws", 1) for url in (CARRIER_BASE_URL, SOUND_URL) if url)]
    if CARRIER_BASE_URL
    else ["https://*.twilio.com", "wss://*.twilio.com"]
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "connect-src": ["'self'", *CARRIER_SOCKETS],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'", "blob:", "https://sdk.twilio.com"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- The rest --------------------------------------------------------------------------------------------------------
TIME_ZONE = env.str("TIME_ZONE", "UTC")
USE_TZ = True
LANGUAGE_CODE = "en-us"
EMAIL_CONFIG = env.email_url("EMAIL_URL", f"filemail:///{DATA_DIR}/mail")
globals().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"callcenter@{_public.hostname or 'localhost'}")
SENTRY_DSN = env.str("SENTRY_DSN", "")
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
LOGGING = log.configure(json_lines=PRODUCTION, level=env.str("LOG_LEVEL", "WARNING" if TESTING else "INFO"))
