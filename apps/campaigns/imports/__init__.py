"""A CSV file of contacts, as files come: what it is written in, what its columns mean, what is wrong with a row.

Pure: bytes and settings in, values out; no database. `importing` writes what comes out.
"""

from apps.campaigns.imports.columns import TARGETS, faults, guess
from apps.campaigns.imports.contacts import NewContact, Reader, RowRefused
from apps.campaigns.imports.duplicates import sort_out
from apps.campaigns.imports.files import LARGEST_BYTES, FileRefused, Format, Row, examine, records
from apps.campaigns.imports.refusals import bare, harmless

__all__ = [
    "LARGEST_BYTES", "TARGETS", "FileRefused", "Format", "NewContact", "Reader", "Row", "RowRefused", "bare", "examine",
    "faults", "guess", "harmless", "records", "sort_out",
]  # fmt: skip
