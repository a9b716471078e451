"""Sound files that people upload: a row keeps the file, its length and its digest side by side.

`audio` comes with `audio_seconds` and `audio_digest`, and with `audio_path`, the site's own address of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from django import forms
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models.fields.files import FieldFile

from apps.core import sound, telephone_sound
from apps.core.refused import Refused

T = TypeVar("T")
MAX_UPLOAD = sound.MAX_BYTES + 1  # reading one byte more than allowed tells what is too large


class SoundFile(FieldFile):
    @property
    def url(self) -> str:
        """The row's own address: files of the house are served by the house."""
        return getattr(self.instance, f"{self.field.name}_path")


class SoundField(models.FileField):
    attr_class = SoundFile


def replace(
    row: models.Model, name: str, data: bytes, *, longest_seconds: int = sound.MAX_SECONDS, converted: bool = False
) -> None:
    """Give the field `name` of `row` another sound; b"" takes it away. The row itself is not saved here.

    `converted`: it is decoded and kept as telephones carry it. The file that was there goes once the transaction has
    committed. Raises Refused, at that field, for what cannot be played.
    """
    storage = getattr(row, name).storage
    old = type(row)._default_manager.filter(pk=row.pk).values_list(name, flat=True).first()
    if data and converted:
        data = _at(name, lambda: telephone_sound.convert(data, longest_seconds=longest_seconds))
    heard = _at(name, lambda: sound.inspect(data, longest_seconds=longest_seconds)) if data else None
    setattr(row, name, "")
    if heard is not None:
        getattr(row, name).save(f"sound.{heard.kind}", ContentFile(data), save=False)
    setattr(row, f"{name}_seconds", max(1, round(heard.seconds)) if heard else 0)
    setattr(row, f"{name}_digest", hashlib.sha256(data).hexdigest()[:16] if data else "")
    if old:
        transaction.on_commit(lambda: storage.delete(old), robust=True)


def clean(form: forms.ModelForm, name: str, *, longest_seconds: int = sound.MAX_SECONDS, converted: bool = False):
    """The uploaded file of the form's field `name`, looked into. Raises ValidationError for what cannot be played."""
    look = telephone_sound.convert if converted else sound.inspect
    upload = form.cleaned_data.get(name)
    if upload and name in form.changed_data:
        if upload.size > sound.MAX_BYTES:
            raise forms.ValidationError(sound.TOO_LARGE)
        try:
            look(upload.read(), longest_seconds=longest_seconds)
        except Refused as refusal:
            raise forms.ValidationError(refusal.sentence) from refusal
        upload.seek(0)
    return upload


def given(form: forms.ModelForm, name: str) -> bytes | None:
    """What `replace` shall do with the form's field `name`: the new sound, b"" to take it away, None to leave it."""
    if name not in form.changed_data:
        return None
    upload = form.cleaned_data[name]
    return upload.read() if upload else b""


def _at(name: str, look: Callable[[], T]) -> T:
    """What `look` gives; its refusal stands at the field `name`."""
    try:
        return look()
    except Refused as refusal:
        raise Refused(refusal.sentence, code=refusal.code, fields={name: [refusal.sentence]}) from refusal
