"""Phone numbers as the product keeps them: E.164 text, "+" and 8 to 15 digits."""

import re
from functools import lru_cache

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

E164 = r"^\+[1-9]\d{7,14}$"
validate_e164 = RegexValidator(
    E164, "Write the number in international form: + and 8 to 15 digits, for example +14155550100."
)


class E164Field(models.CharField):
    """A phone number in E.164 form, at most 16 characters."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 16)
        super().__init__(*args, **kwargs)
        if validate_e164 not in self.validators:
            self.validators.append(validate_e164)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        if kwargs.get("max_length") == 16:
            del kwargs["max_length"]
        return name, path, args, kwargs


def normalise(text: str, country: str | None = None) -> str:
    """`text` as a person typed it, in E.164 form. `country` (ISO 3166 alpha-2) reads national forms.

    Raises ValidationError when it cannot be a phone number.
    """
    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException as error:
        raise ValidationError(f"“{text}” is not a phone number. {validate_e164.message}") from error
    if not phonenumbers.is_possible_number(parsed):
        raise ValidationError(f"“{text}” has the wrong number of digits for its country. {validate_e164.message}")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def read_out(number: str, country: str | None = None) -> str:
    """`number` for a voice: digit by digit, with a pause between groups; as one dials it in `country`."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return " ".join(number)
    home = phonenumbers.region_code_for_number(parsed) == (country or "").upper()
    form = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    groups = re.findall(r"[0-9]+", phonenumbers.format_number(parsed, form))
    return ", ".join(" ".join(group) for group in groups)


@lru_cache(maxsize=4096)
def pretty(number: str) -> str:
    """`number` as people write it: +1 415-555-0100. What cannot be read is returned as it is."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return number


@lru_cache(maxsize=4096)
def country(number: str) -> str:
    """The country of an E.164 number, ISO 3166 alpha-2; "" when it has none, as satellite and free numbers."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ""
    return region if region and region.isalpha() else ""


def calling_code(country: str) -> str:
    """What the numbers of a country (ISO 3166 alpha-2) begin with: "+44"; "" for a country that is not known."""
    code = phonenumbers.country_code_for_region(country)
    return f"+{code}" if code else ""


def countries() -> list[str]:
    """Every country with numbers of its own, as ISO 3166 alpha-2, in order."""
    return sorted(phonenumbers.SUPPORTED_REGIONS)
