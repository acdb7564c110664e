"""Settings, routes and login of a Django site that serves nothing but SCIM; the protocol is all the library's."""

import os
from types import SimpleNamespace

SITE, PORT, TOKEN = (os.environ[f"INTEROP_{name}"] for name in ("SITE", "PORT", "TOKEN"))

SECRET_KEY = "only-for-tests"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
USE_TZ = True
APPEND_SLASH = False
ROOT_URLCONF = "people.site"
AUTH_USER_MODEL = "people.User"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django_scim", "people"]
MIDDLEWARE = ["people.site.login", "django_scim.middleware.SCIMAuthCheckMiddleware"]
DATABASES = {"default": {
    "ENGINE": "django.db.backends.sqlite3", "NAME": f"{SITE}/people.sqlite3", "CONN_MAX_AGE": 60,
    "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"}}}
SCIM_SERVICE_PROVIDER = {
    "NETLOC": f"127.0.0.1:{PORT}", "SCHEME": "http", "GROUP_MODEL": "people.models.Group",
    "WWW_AUTHENTICATE_HEADER": 'Bearer realm="interop"',
    "AUTHENTICATION_SCHEMES": [{"type": "oauthbearertoken", "name": "Token", "description": "one token",
                                "specUri": "", "documentationUri": ""}]}


def login(respond):
    """The library asks Django who is there: whoever has the token."""
    def middleware(request):
        known = request.headers.get("Authorization") == f"Bearer {TOKEN}"
        request.user = SimpleNamespace(is_authenticated=known, is_anonymous=not known, is_active=known)
        return respond(request)
    return middleware


def __getattr__(name):
    # Both need Django to be set up, and it reads this file for that.
    if name == "urlpatterns":
        from django.urls import include, path
        return [path("scim/v2/", include("django_scim.urls", namespace="scim"))]
    if name == "application":
        from django.core.wsgi import get_wsgi_application
        return get_wsgi_application()
    raise AttributeError(name)
