"""Every setting of Castor, from the environment, top to bottom. docs/settings.md lists them."""

from __future__ import annotations

import os
from pathlib import Path

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from config import broker, content_policy, database, log, sign_in
from config.data_folder import default_folder, local_secret
from config.embedded.layout import Layout
from config.environment import BadSetting, Environment
from config.schedule import beat_schedule

PROJECT = Path(__file__).resolve().parent.parent
env = Environment(os.environ, root=PROJECT)

# --- What kind of installation, and where it keeps things

CASTOR_ENV = env.choice(
    "CASTOR_ENV",
    "local",
    "`local`: everything works at once on one machine, with demo data. "
    "`production`: nothing is taken for granted.",
    of=("local", "production"),
)
PRODUCTION = CASTOR_ENV == "production"
DEBUG = env.flag("CASTOR_DEBUG", False, "Django's debug pages. Never where others can reach them.")
CASTOR_PROCESS = env.choice(
    "CASTOR_PROCESS",
    "command",
    "What this process is. The web server says `web` by itself: it gets a connection pool and "
    "gives up on slow statements.",
    of=("web", "command"),
)
CASTOR_HOME = env.path(
    "CASTOR_HOME",
    default_folder(PROJECT),
    "The data folder: database, media, exports, secret.",
    shown="`.castor` in the project; for root `/var/lib/castor/<project>-<mark>`",
)
CASTOR_MEDIA_ROOT = env.path(
    "CASTOR_MEDIA_ROOT",
    CASTOR_HOME / "media",
    "Where images, films and sounds lie, unless they lie in S3.",
    shown="`media` in the data folder",
)
CASTOR_DEMO = env.flag(
    "CASTOR_DEMO",
    not PRODUCTION,
    "Load the demo data, with its well-known logins, at the first start. In production: `false`.",
)

CASTOR_HELP_CONTACT = env.text(
    "CASTOR_HELP_CONTACT",
    "",
    "Whom people may turn to when what they saw weighs on them; shown on the help page.",
)

# --- The secret that signs sessions and links

_secret = env.secret(
    "CASTOR_SECRET_KEY",
    "Signs sessions and links; at least 50 characters. In `local` one is made at the first start "
    "and kept in the data folder.",
)
if PRODUCTION and len(_secret) < 50:
    raise BadSetting(
        "CASTOR_ENV=production needs CASTOR_SECRET_KEY with at least 50 characters; make one with: "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
    )
if PRODUCTION and (len(set(_secret)) < 12 or "insecure" in _secret or "secret" in _secret.lower()):
    raise BadSetting("CASTOR_SECRET_KEY is an example, not a secret; make one of your own")
SECRET_KEY = _secret or local_secret(CASTOR_HOME)

# --- The web server

CASTOR_HOST = env.text("CASTOR_HOST", "127.0.0.1", "The address that the web server listens at.")
CASTOR_PORT = env.integer("CASTOR_PORT", 8000, "Its port.", least=1, most=65535)
_bracketed = f"[{CASTOR_HOST}]" if ":" in CASTOR_HOST else CASTOR_HOST
CASTOR_ADDRESS = f"{_bracketed}:{CASTOR_PORT}"
CASTOR_WEB_WORKERS = env.integer(
    "CASTOR_WEB_WORKERS", 2, "Web processes; one for each core is good.", least=1, most=64
)
CASTOR_WEB_THREADS = env.integer(
    "CASTOR_WEB_THREADS",
    4,
    "Threads in each web process; each may hold one database connection. More of them serve more "
    "slow downloads at once, fewer serve annotators sooner.",
    least=1,
    most=64,
)
CASTOR_WORKER_PROCESSES = env.integer(
    "CASTOR_WORKER_PROCESSES",
    3,
    "Processes that work off the queues `default`, `media` and `export`.",
    least=1,
    most=64,
)
CASTOR_SWEEP_SECONDS = env.integer(
    "CASTOR_SWEEP_SECONDS",
    60,
    "The longest pause between two looks for work of a kind; every kind has a shorter one of its "
    "own. Small values wake workers, and the database, often.",
    least=1,
    most=60,
)
_hosts = env.names(
    "CASTOR_ALLOWED_HOSTS",
    [],
    "The host names under which Castor is reached. Needed in production.",
)
ALLOWED_HOSTS = _hosts or ([] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.names(
    "CASTOR_TRUSTED_ORIGINS",
    [],
    "Origins that may send forms, such as `https://castor.example.org`, when a proxy changes the "
    "host name.",
)
CASTOR_TLS_PROXY = env.flag(
    "CASTOR_TLS_PROXY",
    False,
    "A proxy in front speaks HTTPS, and sets X-Forwarded-Proto and X-Forwarded-For itself: they "
    "are trusted then.",
)
STATEMENT_SECONDS = env.integer(
    "CASTOR_STATEMENT_SECONDS",
    10,
    "After how many seconds a web request gives up on a database statement.",
    least=1,
    most=600,
)

# --- Applications

INSTALLED_APPS = [
    "config.apps.CastorConfig",  # first: its templates and commands win over the libraries'
    "annotation",
    "moderation",
    "datasets_app",
    "unfold.apps.BasicAppConfig",
    "config.apps.CastorAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
]
MIDDLEWARE = [
    "config.incoming.ReadToTheEnd",  # outermost: whoever refuses a request reads none of it
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.compression.CompressedPages",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.sessions.Sessions",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.incoming.ReadableOnly",
    "config.sessions.Persons",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.caching.KeptByNobody",
    "config.participants.StayInside",
]
ROOT_URLCONF = "config.urls"
UNFOLD = {
    "SITE_TITLE": "Castor",
    "SITE_HEADER": "Castor",
    "SITE_FAVICONS": [{"rel": "icon", "href": lambda request: static("img/favicon.png")}],
}
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.navigation.doors",
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- The database

_url = env.secret(
    "DATABASE_URL",
    "PostgreSQL ≥ 15, as `postgresql://user:password@host/castor`. Not set: the embedded one.",
)
CASTOR_EMBEDDED = Layout(CASTOR_HOME / "postgres")
CASTOR_USES_EMBEDDED = not _url
_words = database.conninfo(_url, CASTOR_EMBEDDED)
DATABASES = {
    "default": database.django_database(
        _words,
        embedded=CASTOR_USES_EMBEDDED,
        web_threads=CASTOR_WEB_THREADS if CASTOR_PROCESS == "web" else 0,
        statement_seconds=STATEMENT_SECONDS,
    )
}
# In the database, so that what one web process counts (attempts to sign in) the others know.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "config_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

# --- Work in the background; config/celery.py has the rest

CELERY_BROKER_URL = (
    env.secret(
        "CELERY_BROKER_URL",
        "Redis (`redis://…`) or RabbitMQ (`amqp://…`). Not set: queues in the database itself.",
    )
    or broker.OWN_DATABASE
)
CELERY_WORKER_CONCURRENCY = CASTOR_WORKER_PROCESSES
CELERY_BEAT_SCHEDULE = beat_schedule(CASTOR_SWEEP_SECONDS)
CELERY_BROKER_TRANSPORT_OPTIONS = broker.transport_options(CELERY_BROKER_URL, _words)
# --- Files in S3 instead of the media folder

CASTOR_S3_BUCKET = env.text("CASTOR_S3_BUCKET", "", "Keep media in this S3 bucket.")
CASTOR_S3_ENDPOINT = env.text(
    "CASTOR_S3_ENDPOINT", "", "The address of an S3 service other than Amazon's."
)
CASTOR_S3_REGION = env.text("CASTOR_S3_REGION", "us-east-1", "The bucket's region.")
CASTOR_S3_KEY = env.secret("CASTOR_S3_KEY", "The access key's id.")
CASTOR_S3_SECRET = env.secret("CASTOR_S3_SECRET", "The access key.")
CASTOR_S3_ORIGIN = env.text(
    "CASTOR_S3_ORIGIN",
    "",
    "The origin of presigned links, which pages may then show pictures and films from. "
    "Not set: that of the endpoint.",
)

# --- The classifier that screens

CASTOR_GUARD = env.text(
    "CASTOR_GUARD",
    "",
    "The classifier that screens: a model's id or a folder of safetensors. Not set: the small one "
    "that ships.",
)

# --- Signing in

CASTOR_OIDC_NAME = env.text("CASTOR_OIDC_NAME", "Single sign-on", "What the button says.")
CASTOR_OIDC_URL = env.text(
    "CASTOR_OIDC_URL", "", "Sign in with an OpenID Connect provider: its issuer's address."
)
CASTOR_OIDC_CLIENT_ID = env.text("CASTOR_OIDC_CLIENT_ID", "", "The client id it gave you.")
CASTOR_OIDC_SECRET = env.secret("CASTOR_OIDC_SECRET", "The client secret it gave you.")
CASTOR_HUGGINGFACE_URL = env.text(
    "CASTOR_HUGGINGFACE_URL",
    "",
    "Sign in with Hugging Face: the Hub's address. Not set: that of HF_ENDPOINT.",
) or os.environ.get("HF_ENDPOINT", "")
CASTOR_HUGGINGFACE_CLIENT_ID = env.text(
    "CASTOR_HUGGINGFACE_CLIENT_ID", "", "The client id of your OAuth app there."
)
CASTOR_HUGGINGFACE_SECRET = env.secret(
    "CASTOR_HUGGINGFACE_SECRET", "The client secret of your OAuth app there."
)
_providers = sign_in.providers(
    sign_in.Provider(
        "sso", CASTOR_OIDC_NAME, CASTOR_OIDC_URL, CASTOR_OIDC_CLIENT_ID, CASTOR_OIDC_SECRET
    ),
    sign_in.Provider(
        "huggingface",
        "Hugging Face",
        CASTOR_HUGGINGFACE_URL,
        CASTOR_HUGGINGFACE_CLIENT_ID,
        CASTOR_HUGGINGFACE_SECRET,
    ),
)
SOCIALACCOUNT_PROVIDERS = sign_in.allauth_providers(_providers)
SOCIALACCOUNT_ADAPTER = "config.accounts.ProviderAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # an address is no proof that two accounts are one
SOCIALACCOUNT_STORE_TOKENS = False
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "config.accounts.InvitedOnly"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_FORMS = {"login": "config.account_forms.SignInForm"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation is what lets people in
ACCOUNT_SESSION_REMEMBER = True
# Coming in by an entry, by address and by the id that is named; the others are allauth's own.
ACCOUNT_RATE_LIMITS = {"enter": "60/m/ip,10/h/key"}
ACCOUNT_USERNAME_BLACKLIST = ["admin", "castor", "root", "system"]
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Castor"
# Addresses are not verified here; protecting an account must not wait for that.
MFA_ALLOW_UNVERIFIED_EMAIL = True
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if CASTOR_TLS_PROXY else 0
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- Mail, for forgotten passwords

EMAIL_HOST = env.text("CASTOR_MAIL_HOST", "", "The SMTP server. Not set: mail goes to the log.")
EMAIL_PORT = env.integer("CASTOR_MAIL_PORT", 587, "Its port.", least=1, most=65535)
EMAIL_HOST_USER = env.text("CASTOR_MAIL_USER", "", "Its user.")
EMAIL_HOST_PASSWORD = env.secret("CASTOR_MAIL_PASSWORD", "Its password.")
EMAIL_USE_TLS = env.flag("CASTOR_MAIL_TLS", True, "Begin with STARTTLS.")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text(
    "CASTOR_MAIL_FROM", "castor@localhost", "The sender of Castor's mail."
)
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"

# --- What a browser may do with our pages

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": content_policy.strict(
        media_urls=[CASTOR_S3_ORIGIN or CASTOR_S3_ENDPOINT] if CASTOR_S3_BUCKET else [],
        sign_in_urls=[provider.url for provider in _providers],
    )
}
# As large as answers can be (`annotation.sizes`), and as what `config.incoming` reads to the end.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 2**20
SECURE_CONTENT_TYPE_NOSNIFF = True
# Not "no-referrer": browsers then send "Origin: null" with forms, which CSRF protection refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "config.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
# Cookies know no ports: two copies on one machine must not sign each other's users out.
SESSION_COOKIE_NAME = "__Host-castor" if PRODUCTION else f"castor_{CASTOR_PORT}"
CSRF_COOKIE_NAME = "__Host-castor_form" if PRODUCTION else f"castor_form_{CASTOR_PORT}"
if CASTOR_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0

# --- Static files, hashed and compressed once, served by the web process itself

STATIC_URL = "/static/"
STATIC_ROOT = CASTOR_HOME / "static"
STATICFILES_DIRS = [PROJECT / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # media is datasets_app's
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "config.static.HashedFiles"
        )
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG

# --- Language and time

LANGUAGE_CODE = "en"
CASTOR_LANGUAGES = env.names(
    "CASTOR_LANGUAGES",
    ["en", "zh-hans"],
    "The languages offered, of `en` and `zh-hans`; the browser's wish decides.",
)
_known = (("en", _("English")), ("zh-hans", _("Simplified Chinese")))
LANGUAGES = [(code, name) for code, name in _known if code in CASTOR_LANGUAGES]
LOCALE_PATHS = [PROJECT / "config" / "locale"]
LANGUAGE_COOKIE_AGE = 31_536_000  # a year: it is a choice, not a passing wish
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = PRODUCTION
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- The log: ids, counts and seconds, never what people or models wrote

LOGGING = log.django_logging(
    env.choice(
        "CASTOR_LOG_LEVEL",
        "INFO",
        "How much the log says.",
        of=("DEBUG", "INFO", "WARNING", "ERROR"),
    )
)

CASTOR_SETTINGS = env.settings
CASTOR_UNKNOWN_SETTINGS = env.unknown()
SILENCED_SYSTEM_CHECKS: list[str] = []
