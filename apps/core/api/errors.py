"""Every error of the API has one shape: {"code", "detail", "fields"}."""

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import ProtectedError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import exception_handler

from apps.core.refused import Refused


def handler(error, context):
    """DRF's exception handler: adds our refusals (409) and gives all errors their one shape."""
    if isinstance(error, Refused):
        return _reply(409, error.code, error.sentence, error.fields)
    if isinstance(error, ProtectedError):
        return _reply(409, "in_use", "Something still points at this. Point it elsewhere first, then delete.")
    if isinstance(error, DjangoValidationError):
        error = exceptions.ValidationError(as_serializer_error(error))
    if isinstance(error, RecursionError):
        error = exceptions.ParseError("What was sent is nested too deeply.")
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        fields = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
        response.data = {"code": "invalid", "detail": "Some fields need another value.", "fields": fields}
    elif isinstance(error, Http404 | exceptions.NotFound):
        response.data = {"code": "not_found", "detail": "There is nothing here, or you may not see it.", "fields": {}}
    elif isinstance(error, PermissionDenied):
        response.data = {"code": "permission_denied", "detail": "Your role does not allow this.", "fields": {}}
    else:
        response.data = {"code": error.default_code, "detail": str(error.detail), "fields": {}}
    return response


def _reply(status: int, code: str, sentence: str, fields: dict | None = None) -> Response:
    return Response({"code": code, "detail": sentence, "fields": fields or {}}, status=status)
