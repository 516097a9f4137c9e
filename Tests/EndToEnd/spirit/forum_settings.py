"""A Spirit forum whose members come through Symbolon: what `spirit startproject board` makes, and what stands in docs/forums.md."""
import os

from board.settings.dev import *  # noqa: F403

SECRET_KEY = os.environ["FORUM_KEY"]
ST_SITE_URL = os.environ["FORUM"] + "/"
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "forum_urls"
# Spirit names its cookies as Django does; on one machine every port shares them.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "board_session", "board_form"

INSTALLED_APPS += ["mozilla_django_oidc"]  # noqa: F405
# No other: nobody comes in by password.
AUTHENTICATION_BACKENDS = ["sign_in.Symbolon"]
LOGIN_URL = "oidc_authentication_init"
LOGIN_REDIRECT_URL = LOGIN_REDIRECT_URL_FAILURE = "/"

ISSUER = os.environ["ISSUER"]
OIDC_RP_CLIENT_ID = os.environ["CLIENT_ID"]
OIDC_RP_CLIENT_SECRET = os.environ["CLIENT_SECRET"]
OIDC_RP_SCOPES = "openid profile"
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_USE_PKCE = True
OIDC_OP_AUTHORIZATION_ENDPOINT = ISSUER + "/openid/authorize"
OIDC_OP_TOKEN_ENDPOINT = ISSUER + "/openid/token"
OIDC_OP_USER_ENDPOINT = ISSUER + "/openid/userinfo"
OIDC_OP_JWKS_ENDPOINT = ISSUER + "/openid/keys"
