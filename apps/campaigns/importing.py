"""Files of contacts on their way into a list: received, mapped, then written chunk by chunk.

A chunk is one transaction that also moves `rows_done` on, so a process may be killed at any moment: the next one goes
on behind the last whole chunk, and no row is taken twice or left out. No more than a chunk is kept in memory.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, transaction

from apps.campaigns import import_chunks, imports
from apps.campaigns.imports import Row, columns
from apps.campaigns.models import ContactList, Import
from apps.clients.models import Client
from apps.core import clock, events, numbers
from apps.core.models import User
from apps.core.nudges import nudge
from apps.core.refused import Refused

logger = logging.getLogger(__name__)

Status = Import.Status
CHUNK = 1000  # rows of one transaction
CHUNKS_AT_A_TIME = 25  # of one task, so that no worker is held for long
GONE_AFTER_SECONDS = 20  # of silence; a chunk takes less than two


def add_list(client: Client, *, name: str, by: User | None = None) -> ContactList:
    """An empty list. Raises Refused when the client has one of that name."""
    if not name.strip():
        raise Refused("Give the list a name.", fields={"name": ["Give the list a name."]})
    made, new = ContactList.objects.get_or_create(client=client, name=name.strip())
    if not new:
        sentence = f"There is a list “{made}” already. Choose it, or give the new one another name."
        raise Refused(sentence, code="in_use", fields={"name": [sentence]})
    return made


def receive(contacts: ContactList, file: UploadedFile, *, country: str = "", by: User | None = None) -> Import:
    """Keep `file` for import into the list `contacts`, with a guess what its columns are. Nothing is imported yet.

    `country` (ISO 3166 alpha-2) reads national numbers; empty: the client's. Raises Refused, at the field `file`, for
    what is no table of contacts.
    """
    country = (country or contacts.client.country).upper()
    if country not in numbers.countries():
        raise Refused(
            f"“{country}” is no country. Write two letters, for example US.", fields={"country": ["Unknown."]}
        )
    kind = _examine(cast(BinaryIO, file.file), file.size or 0)
    run = Import(
        list=contacts, file_name=str(file.name)[-200:], headings=list(kind.headings), has_heading=kind.has_heading,
        encoding=kind.encoding, delimiter=kind.delimiter, mapping=imports.guess(kind), country=country, by=by,
    )  # fmt: skip
    file.seek(0)
    # Under a name of ours: what people call their files is no path.
    run.file.save(f"{run.public_id}.csv", file, save=False)
    try:
        run.save()
    except BaseException:
        run.file.storage.delete(run.file.name or "")
        raise
    return run


def samples(run: Import) -> list[tuple[str, ...]]:
    """The first rows, for a person who says what the columns are; none when the file is gone."""
    if not run.file or not run.file.storage.exists(run.file.name or ""):
        return []
    with _opened(run) as file:
        return list(_examine(file, run.file.size, run.encoding, run.delimiter).samples)


def reread(run: Import, *, encoding: str, delimiter: str) -> Import:
    """Take the waiting file for one in another `encoding` or with another `delimiter`; the columns are guessed anew.

    Raises Refused when it cannot be read so.
    """
    if run.status != Status.WAITING or not run.file:
        raise Refused("The import has begun or ended: its file is no longer looked at in another way.")
    with _opened(run) as file:
        kind = _examine(file, run.file.size, encoding, delimiter)
    run.encoding, run.delimiter, run.has_heading = kind.encoding, kind.delimiter, kind.has_heading
    run.headings, run.mapping = list(kind.headings), imports.guess(kind)
    run.save(update_fields=["encoding", "delimiter", "has_heading", "headings", "mapping"])
    return run


@transaction.atomic
def start(
    run: Import, *, mapping: Mapping[str, str] | None = None, duplicates: str = Import.Duplicates.SKIP,
    by: User | None = None,
) -> Import:  # fmt: skip
    """Begin to import; the guessed mapping when none is given. Once: who starts it again changes nothing.

    Raises Refused, at the field `mapping`, when the columns cannot be so.
    """
    chosen = dict(run.mapping if mapping is None else mapping)
    if wrong := imports.faults(chosen, run.headings):
        raise Refused(" ".join(wrong), code="bad_mapping", fields={"mapping": wrong})
    if duplicates not in Import.Duplicates.values:
        known = ", ".join(Import.Duplicates.values)
        raise Refused(f"“{duplicates}” is no way to treat duplicates. Choose one of {known}.",
                      fields={"duplicates": ["Not one of the choices."]})  # fmt: skip
    waiting = Import.objects.filter(pk=run.pk, status=Status.WAITING)
    if waiting.update(status=Status.RUNNING, mapping=chosen, duplicates=duplicates, heard_at=clock.now()):
        contacts = ContactList.objects.select_for_update(no_key=True).get(pk=run.list_id)
        own = [one for one in run.headings if chosen.get(one) == columns.OWN and one not in contacts.own_fields]
        if own:
            contacts.own_fields = [*contacts.own_fields, *own]
            contacts.save(update_fields=["own_fields"])
        _note("campaigns.import_began", run, by=by)
        nudge("apps.campaigns.tasks.go_on_importing", run.pk)
    run.refresh_from_db()
    return run


def start_or_drop(run: Import, **given: Any) -> Import:
    """As `start`, for a file that was received a moment ago and shall not lie about when it cannot be started."""
    try:
        return start(run, **given)
    except Refused:
        run.file.storage.delete(run.file.name or "")
        run.delete()
        raise


@transaction.atomic
def stop(run: Import, *, by: User | None = None) -> Import:
    """End the import where it is; what was imported stays. Once: an ended one stays as it ended."""
    who = by.display_name if by else "somebody"
    _fail(run, f"{who} stopped it.")
    run.refresh_from_db()
    return run


def sweep() -> None:
    """Have imports go on whose process is gone."""
    for pk in Import.objects.silent(clock.now() - timedelta(seconds=GONE_AFTER_SECONDS)).values_list("pk", flat=True):
        nudge("apps.campaigns.tasks.go_on_importing", pk)


def go_on(pk: int, *, chunks: int | None = None) -> bool:
    """Import up to so many chunks more. Whether there is more to do, and nobody else is at it."""
    run = Import.objects.select_related("list__client").get(pk=pk)
    if run.status != Status.RUNNING:
        return False
    kind = imports.Format(run.encoding, run.delimiter, tuple(run.headings), run.has_heading)
    try:
        with _opened(run) as file:
            if not run.rows_total:
                _count(run, file, kind)
            # Closed before the file is.
            with closing(imports.records(file, kind)) as rows:
                return _chunks(run, islice(rows, run.rows_done, None), chunks)
    except OperationalError:
        raise  # the database is away; the timetable tries again
    except FileNotFoundError:
        _fail(run, "The file is no longer there. Upload it once more; who is on the list already is found.")
    except Exception as error:
        logger.exception("The import %s failed.", run.pk)
        _fail(run, f"An error of ours ended it ({type(error).__name__}). Nothing of the last rows was written.")
    return False


def _chunks(run: Import, rows: Iterator[Row], most: int | None) -> bool:
    number = partial(import_chunks.callable_number, country=run.country, called_from=run.list.client.country)
    reader = imports.Reader(run.headings, run.mapping, number)
    done = run.rows_done
    while most is None or most > 0:
        chunk = list(islice(rows, CHUNK))
        if not chunk:
            _finish(run, done)
            return False
        if not import_chunks.write(run, done, chunk, reader):
            return False
        done += len(chunk)
        most = None if most is None else most - 1
    return True


def _finish(run: Import, done: int) -> None:
    with transaction.atomic():
        running = Import.objects.filter(pk=run.pk, status=Status.RUNNING, rows_done=done)
        if not running.update(status=Status.DONE, rows_total=done, ended_at=clock.now(), file=""):
            return
        now = Import.objects.get(pk=run.pk)
        _note("campaigns.imported", run, added=now.added, updated=now.updated, skipped=now.skipped, refused=now.refused)
        _drop_file(run)


def _fail(run: Import, why: str) -> None:
    with transaction.atomic():
        open_ones = Import.objects.filter(pk=run.pk, status__in=[Status.WAITING, Status.RUNNING])
        if open_ones.update(status=Status.FAILED, failure=why[:400], ended_at=clock.now(), file=""):
            _note("campaigns.import_failed", run, why=why)
            _drop_file(run)


@contextmanager
def _opened(run: Import) -> Iterator[BinaryIO]:
    with run.file.open("rb") as file:
        yield cast(BinaryIO, file)


def _drop_file(run: Import) -> None:
    # Names and numbers of people: kept no longer than they are needed.
    name, storage = run.file.name, run.file.storage
    if name:
        transaction.on_commit(lambda: storage.delete(name), robust=True)


def _count(run: Import, file: BinaryIO, kind: imports.Format) -> None:
    run.rows_total = sum(1 for _row in imports.records(file, kind))
    Import.objects.filter(pk=run.pk).update(rows_total=run.rows_total, heard_at=clock.now())


def _examine(file: BinaryIO, size: int, encoding: str = "", delimiter: str = "") -> imports.Format:
    try:
        return imports.examine(file, size, encoding=encoding, delimiter=delimiter)
    except imports.FileRefused as refusal:
        raise Refused(str(refusal), code="bad_file", fields={"file": [str(refusal)]}) from refusal


def _note(kind: str, run: Import, *, by: User | None = None, **data: Any) -> None:
    events.record(
        kind, subject=f"import:{run.public_id}", client_ref=run.list.client.public_id, actor=by, file=run.file_name,
        list=run.list.name, **data,
    )  # fmt: skip
