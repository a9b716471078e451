"""Public holidays by country and region: the one room that knows the `holidays` library. Reads its tables, no network.

Names are in English where the library has them. A date that is only estimated yet (some feasts follow the moon) bears
the same name as a certain one, so that what a schedule says about a feast holds every year.
"""

from __future__ import annotations

from datetime import date
from functools import cache, lru_cache

import holidays
from holidays import registry

_DATED = " (estimated)"


@cache
def countries() -> list[tuple[str, str]]:
    """(ISO 3166 alpha-2 code, name) of every country whose holidays are known, by name."""
    found = [(names[1], _title(module)) for module, names in registry.COUNTRIES.items()]
    return sorted(found, key=lambda row: row[1])


@cache
def regions(country: str) -> list[tuple[str, str]]:
    """(code, name) of the regions that have holidays of their own, by name; none for a country that is not known."""
    if country not in dict(countries()):
        return []
    calendar = holidays.country_holidays(country)
    names = {code: name for name, code in getattr(calendar, "subdivisions_aliases", {}).items()}
    return sorted(((code, names.get(code, code)) for code in calendar.subdivisions), key=lambda row: row[1])


@lru_cache(maxsize=512)
def of_year(country: str, region: str, year: int) -> tuple[tuple[date, tuple[str, ...]], ...]:
    """The days of one year with the names of what is celebrated, in order; () without a known country."""
    if country not in dict(countries()):
        return ()
    language = "en_US" if "en_US" in holidays.country_holidays(country).supported_languages else None
    known = region if region in dict(regions(country)) else None
    calendar = holidays.country_holidays(country, subdiv=known, years=year, language=language)
    days = ((day, calendar.get_list(day)) for day in sorted(calendar))
    return tuple((day, tuple(dict.fromkeys(name.removesuffix(_DATED) for name in names))) for day, names in days)


def names_of(country: str, region: str, years: range) -> list[str]:
    """What is celebrated in these years, each name once, in the order of the year."""
    days = [pair for year in years for pair in of_year(country, region, year)]
    days.sort(key=lambda pair: (pair[0].month, pair[0].day))
    return list(dict.fromkeys(name for _day, names in days for name in names))


def _title(module: str) -> str:
    words = module.replace("_", " ").title()
    for small in ("And", "Of", "The"):
        words = words.replace(f" {small} ", f" {small.lower()} ")
    return words
