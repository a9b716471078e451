"""Which numbers may be dialled at all. The one choke point against toll fraud and slips of the finger.

Applied by the port to every call and text message and by `twiml` to every <Dial>, so that no path leads around it.
"""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from django.conf import settings
from phonenumbers import PhoneNumberType

from apps.core.refused import Refused

# `\d` and `$` would let foreign digits and a final newline through.
_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
# How the numbering plan names what belongs to no country: +870, +881, +882, +883, +888, +979, +800, +808.
_NO_COUNTRY = "001"
_LONGEST_SHORT_NUMBER = 6
_CLIENT = re.compile(r"client:[A-Za-z0-9_]{1,64}(\?[A-Za-z0-9_.~%&=-]{1,400})?")

_ORDINARY = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.VOIP,
    }
)
_COSTLY = {
    PhoneNumberType.PREMIUM_RATE: "a premium-rate number",
    PhoneNumberType.SHARED_COST: "a shared-cost number",
    PhoneNumberType.PERSONAL_NUMBER: "a personal follow-me number",
    PhoneNumberType.PAGER: "a pager",
    PhoneNumberType.UAN: "a special company number",
    PhoneNumberType.VOICEMAIL: "a voicemail access number",
}
# Within North America: pay-per-call exchanges, services (N11), directory assistance, non-geographic area codes.
_NANP_SPECIAL = re.compile(
    r"\+1(?:[2-9][0-9]{2}(?:976|[2-9]11)[0-9]{4}|[2-9][0-9]{2}5551212|(?:456|600|700|710)[0-9]{7})"
)


def check_destination(number: str, *, country: str | None = None) -> None:
    """Let `number` pass in silence, or raise Refused with a sentence for the person who wanted to dial it.

    Passing needs: E.164 form, an assigned range, an ordinary kind of line, and a country of
    `CARRIER_ALLOWED_COUNTRIES`. `country` (ISO 3166 alpha-2) narrows to that one country of the list.
    """
    refusal = _refusal(number, country, frozenset(code.upper() for code in settings.CARRIER_ALLOWED_COUNTRIES))
    if refusal is not None:
        sentence, code = refusal
        raise Refused(sentence, code=code)


@lru_cache(maxsize=8192)
def _refusal(number: str, country: str | None, allowed: frozenset[str]) -> tuple[str, str] | None:
    """Why not, and the reason as one word. Remembered: on its way a number is checked at every step."""
    try:
        _check(number, country, allowed)
    except Refused as refusal:
        return refusal.sentence, refusal.code
    return None


def _check(number: str, country: str | None, allowed: frozenset[str]) -> None:
    refuse_emergency(number)
    if not _E164.fullmatch(number):
        raise Refused(
            "That is not a number in international form. Write + and 8 to 15 digits, for example +14155550100.",
            code="bad_number",
        )
    parsed = _assigned(number)
    region = phonenumbers.region_code_for_number(parsed)
    if region == _NO_COUNTRY:
        raise Refused("Satellite and international service numbers may not be called.", code="forbidden_number")
    if region not in allowed:
        raise Refused(
            f"Calls to {region} are switched off. If your company calls there, add {region} to "
            "CARRIER_ALLOWED_COUNTRIES.",
            code="forbidden_country",
        )
    if country and region != country.upper():
        raise Refused(f"Only numbers in {country.upper()} may be called here.", code="forbidden_country")
    kind = phonenumbers.number_type(parsed)
    if kind not in _ORDINARY or _NANP_SPECIAL.fullmatch(number):
        what = _COSTLY.get(kind, "a special service number")
        raise Refused(f"That is {what}, which may not be called.", code="forbidden_number")


def check_address(address: str, *, country: str | None = None) -> None:
    """As `check_destination`, for what a leg may be rung at: a number, or a desk of ours (`client:op_...`)."""
    if address.startswith("client:"):
        if not _CLIENT.fullmatch(address):
            raise Refused("That is not the address of a desk.", code="bad_address")
        return
    check_destination(address, country=country)


def refuse_emergency(number: str) -> None:
    """Refuse what calls rescuers, as typed: such numbers are too short to be read as any other number."""
    digits = re.sub(r"[^0-9]", "", number)
    if len(digits) <= _LONGEST_SHORT_NUMBER and _is_emergency(digits):
        raise Refused(
            "Emergency numbers are never dialled from here. Use a telephone: only it tells the rescuers where you are.",
            code="emergency_number",
        )


def _is_emergency(digits: str) -> bool:
    """Whether some country's rescuers are called by `digits`, alone or behind the country's code."""
    return any(
        phonenumbers.is_emergency_number(digits, region) for region in phonenumbers.SUPPORTED_SHORT_REGIONS
    ) or any(
        phonenumbers.is_emergency_number(digits.removeprefix(str(code)), region)
        for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
        if digits.startswith(str(code))
        for region in regions
    )


def _assigned(number: str) -> phonenumbers.PhoneNumber:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_valid_number(parsed):
        raise Refused("No telephone has that number. Check the digits.", code="bad_number")
    return parsed
