"""What a column may be, and which one it probably is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from apps.campaigns.imports.files import Format

NUMBER, NAME, FIRST_NAME, LAST_NAME, COMPANY, EMAIL = "number", "name", "first_name", "last_name", "company", "email"
EXTERNAL_ID, TIME_ZONE, LANGUAGE = "external_id", "time_zone", "language"
CONSENT, CONSENT_SOURCE, DO_NOT_CALL, OWN, LEAVE = "consent", "consent_source", "do_not_call", "own", "leave"

# In the order in which a person chooses. Several columns may be a number or an own field, of the others one each.
TARGETS = {
    NUMBER: "telephone number",
    NAME: "full name",
    FIRST_NAME: "first name",
    LAST_NAME: "last name",
    COMPANY: "company",
    EMAIL: "e-mail address",
    EXTERNAL_ID: "identifier in another system",
    TIME_ZONE: "time zone (America/Chicago)",
    LANGUAGE: "language (en, es-MX)",
    CONSENT: "agreed to be called (yes, no)",
    CONSENT_SOURCE: "how we know that they agreed",
    DO_NOT_CALL: "must not be called (yes, no)",
    OWN: "a field of this list, under its heading",
    LEAVE: "leave it out",
}
SEVERAL = frozenset({NUMBER, OWN, LEAVE})
OF_REFUSED = ("Line", "Taken", "Why")  # the first columns of the file of refused rows

# Words of a heading, the first that fits counts.
_WORDS = (
    (DO_NOT_CALL, r"do.?not.?call|dnc|opt.?out|blocked|robinson|no llamar"),
    (CONSENT_SOURCE, r"(consent|opt.?in|permission).*(source|how|where|from)|source of (consent|permission)"),
    (CONSENT, r"consent|opt.?in|permission|agreed|einwilligung|consentimiento"),
    (EMAIL, r"e.?mail|correo|courriel"),
    (FIRST_NAME, r"first.?name|given.?name|vorname|pr[eé]nom|nombre de pila|fname"),
    (LAST_NAME, r"last.?name|sur.?name|family.?name|nachname|apellidos?|nom de famille|lname"),
    (COMPANY, r"compan|organi[sz]ation|firma|empresa|soci[eé]t[eé]|employer|account name"),
    (TIME_ZONE, r"time.?zone|^(tz|zone)$|zeitzone|zona horaria"),
    (LANGUAGE, r"lang|sprache|idioma|langue|locale"),
    (EXTERNAL_ID, r"^(id|key|ref|reference)$|external"),
    (EXTERNAL_ID, r"(contact|customer|client|lead|record|crm|account).?(id|no|number|key)$"),
    (NUMBER, r"phone|mobile|cell|^tel|telefon|tel[eé]fono|t[eé]l[eé]phone|handy|m[oó]vil|number|nummer|landline"),
    (NUMBER, r"^(gsm|office|home|work|direct)$"),
    (NAME, r"name|contact$|nombre|nom$"),
)  # fmt: skip
WORDS = tuple((target, re.compile(words, re.IGNORECASE)) for target, words in _WORDS)


def guess(kind: Format) -> dict[str, str]:
    """What each heading is, by its words, else by what stands below it. An own field when nothing speaks for more."""
    found: dict[str, str] = {}
    # Rows that were refused and come back corrected: what we wrote beside them is no part of the contact.
    ours = len(OF_REFUSED) if kind.headings[: len(OF_REFUSED)] == OF_REFUSED else 0
    for number, heading in enumerate(kind.headings):
        if number < ours:
            found[heading] = LEAVE
            continue
        below = [row[number] for row in kind.samples if number < len(row) and row[number]]
        target = _by_words(heading) if kind.has_heading else None
        if target == NUMBER and below and not any(map(_like_number, below)):
            target = None
        target = target or _by_cells(below)
        taken = target in found.values() and target not in SEVERAL
        found[heading] = target if target and not taken else (OWN if kind.has_heading else LEAVE)
    return found


def faults(mapping: dict[str, str], headings: Sequence[str]) -> list[str]:
    """What is wrong with a mapping, one sentence each; nothing when it can be used."""
    found = [f"There is no column “{one}” in the file." for one in mapping if one not in headings]
    found += [f"“{target}” is nothing that a column can be." for target in set(mapping.values()) - set(TARGETS)]
    chosen = [mapping.get(heading, LEAVE) for heading in headings]
    if NUMBER not in chosen:
        found.append("Say which column is the telephone number: without one nobody can be called.")
    for target, words in TARGETS.items():
        if target not in SEVERAL and chosen.count(target) > 1:
            found.append(f"Two columns are the {words}. Choose one of them.")
    if NAME in chosen and (FIRST_NAME in chosen or LAST_NAME in chosen):
        found.append("Choose the full name or first and last name, not both.")
    return found


def _by_words(heading: str) -> str | None:
    return next((target for target, words in WORDS if words.search(heading.replace("_", " ").strip())), None)


def _by_cells(cells: Sequence[str]) -> str | None:
    if not cells:
        return None
    if all("@" in cell for cell in cells):
        return EMAIL
    return NUMBER if all(map(_like_number, cells)) else None


def _like_number(cell: str) -> bool:
    return sum(map(str.isdigit, cell)) >= 7 and not re.search(r"[^\W\d]{3,}", cell)
