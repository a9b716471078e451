from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from apps.core import clock, events
from apps.core.models import User
from apps.core.refused import Refused
from apps.integrations.models import ApiKey

_MARK = "cc"
_USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def make_key(
    name: str, user: User, *, expires_at: datetime | None = None, by: User | None = None
) -> tuple[ApiKey, str]:
    """A key with which a program acts as `user`, and its text, which is told once and never kept.

    Raises Refused when `by` would act as somebody above them.
    """
    if by is not None and user.is_superuser and not by.is_superuser:
        raise Refused(f"Only {user} or another superuser can make a key for {user}.", fields={"user": ["Not yours."]})
    prefix = secrets.token_hex(6)
    secret = f"{_MARK}_{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(name=name, user=user, prefix=prefix, digest=_digest(secret), expires_at=expires_at)
    _note("integrations.key_made", key, by)
    return key, secret


@transaction.atomic
def revoke_key(key: ApiKey, *, by: User | None = None) -> ApiKey:
    """End a key for good. Does nothing when it was ended before."""
    if key.revoked_at is None:
        key.revoked_at = clock.now()
        key.save(update_fields=["revoked_at"])
        _note("integrations.key_revoked", key, by)
    return key


def find_key(secret: str) -> ApiKey | None:
    """The valid key with this text, or None. Notes its use, once a minute at most."""
    mark, _, rest = secret.partition("_")
    prefix, _, random = rest.partition("_")
    if mark != _MARK or len(prefix) != 12 or not random:
        return None
    now = clock.now()
    key = ApiKey.objects.valid(now).select_related("user").filter(prefix=prefix).first()
    if key is None or not hmac.compare_digest(key.digest, _digest(secret)):
        return None
    if key.last_used_at is None or key.last_used_at < now - _USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def _digest(secret: str) -> str:
    # The secret has 256 random bits, so a plain hash cannot be guessed backwards and a slow one would buy nothing.
    return hashlib.sha256(secret.encode()).hexdigest()


def _note(kind: str, key: ApiKey, by: User | None) -> None:
    events.record(kind, subject=f"api_key:{key.public_id}", actor=by, key_name=key.name, user=key.user.username)
