"""`Authorization: Bearer KEY`: how a program signs in to the API."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from apps.integrations import services


class BearerAuthentication(BaseAuthentication):
    """An API key. No header: the next way to sign in is tried. A wrong key: 401."""

    def authenticate(self, request):
        word, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if word.lower() != "bearer":
            return None
        key = services.find_key(secret.strip())
        if key is None:
            raise AuthenticationFailed("This API key is not valid: mistyped, expired or revoked.")
        return key.user, key

    def authenticate_header(self, request) -> str:
        return "Bearer"


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = BearerAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema) -> dict:
        return {"type": "http", "scheme": "bearer", "description": "Made by `manage.py api_key NAME --user USER`."}
