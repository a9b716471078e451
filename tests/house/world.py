"""Two clients of one house: A with one of everything, B with people who must not learn of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from axes.models import AccessAttempt
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db.models import Model
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from apps.clients.models import Client
from apps.core import roles
from apps.core.models import User
from apps.integrations import services as integrations
from apps.ivr.models import Prompt
from apps.operators.models import Operator
from apps.people.models import Person
from apps.queues.models import Queue
from apps.recordings.models import Recording
from apps.routing import services as routing
from tests import factories

# The columns of the matrix.
NOBODY, OPERATOR, SUPERVISOR, QUALITY = "nobody", "operator", "supervisor", "quality"
READER, ADMIN, OTHER, KEY = "reader", "admin", "other", "key"
COLUMNS = [NOBODY, OPERATOR, SUPERVISOR, QUALITY, READER, ADMIN, OTHER, KEY]


@dataclass
class Two:
    """`of_a[Queue]` is the queue of client A; `people["supervisor"]` its supervisor, `people["other"]` the one of B."""

    a: Client
    b: Client
    people: dict[str, User]
    key: str
    of_a: dict[type[Model], Any] = field(default_factory=dict)

    @property
    def prompt(self) -> Prompt:
        return self.of_a[Prompt]

    def thing(self, model: type[Model]) -> Any:
        """Client A's row of `model`; KeyError when the world has none: add one below."""
        return self.of_a[model]


def two_clients() -> Two:
    """Make them. Everything of A hangs on one call that the operator of A took."""
    a, b = factories.ClientFactory(name="Quillon Cargo"), factories.ClientFactory(name="Beech Lines")
    people = {
        name: factories.UserFactory(username=f"{name}-of-a", role=role, clients=[a])
        for name, role in {
            OPERATOR: roles.OPERATOR, SUPERVISOR: roles.SUPERVISOR, QUALITY: roles.QUALITY, READER: roles.READ_ONLY,
            ADMIN: roles.ADMINISTRATOR,
        }.items()
    }  # fmt: skip
    people[OTHER] = factories.UserFactory(username="supervisor-of-b", role=roles.SUPERVISOR, clients=[b])
    operator = factories.OperatorFactory(
        user=people[OPERATOR], team=factories.TeamFactory(client=a, name="Quillon team"), presence="available"
    )
    factories.OperatorFactory(user=people[OTHER], team=factories.TeamFactory(client=b, name="Beech team"))
    _key, secret = integrations.make_key("key of the operator", people[OPERATOR])
    world = Two(a, b, people, secret)
    for row in [a, people[OPERATOR], operator, operator.team, *_rows_of(a, operator), *_machinery(_key)]:
        world.of_a.setdefault(type(row), row)
    return world


def _rows_of(client: Client, operator: Operator) -> list[Model]:
    queue = factories.QueueFactory(client=client, name="Quillon queue", members=[operator])
    queue.music_digest, queue.music_seconds = "0" * 16, 1
    queue.music.save("x.wav", ContentFile(b"RIFF0000WAVE"), save=True)
    ending = factories.EndingFactory(client=client, destination__label="Quillon ending")
    number = factories.PhoneNumberFactory(client=client, label="Quillon line", destination=queue.destination)
    person = factories.PersonFactory(client=client, name="Quillon", numbers=["+12125550177"], tags=["quillon vip"])
    call = factories.CallFactory(client=client, phone_number=number, person=person, operator=operator)
    entry = factories.QueueEntryFactory(queue=queue, call=call, status="offered", operator=operator)
    offer = factories.OfferFactory(entry=entry, operator=operator)
    flow = factories.FlowFactory(client=client, name="Quillon flow")
    menu = factories.MenuFactory(flow=flow, name="Quillon menu")
    rule = factories.RuleFactory(client=client, name="Quillon rule", destination=ending.destination)
    prompt = menu.prompt
    prompt.audio_digest = "0" * 16
    prompt.audio.save("x.wav", ContentFile(b"RIFF0000WAVE"), save=True)
    recording = factories.RecordingFactory(
        leg=factories.LegFactory(call=call), call=call, client=client, status=Recording.Status.STORED
    )
    recording.file.save("x.wav", ContentFile(b"RIFF0000WAVE"), save=True)
    callback = factories.CallbackFactory(queue=queue, number="+12125550178")
    return [
        *_campaign_of(client, queue, person, operator),
        queue, ending, ending.destination, number, person, call, entry, callback, offer, offer.engagement, flow, menu,
        rule, prompt, recording, *person.numbers.all(), *person.tags.all(),
        factories.PersonListFactory(client=client, name="quillon list", people=[person]),
        factories.ConsentFactory(person=person),
        factories.ScheduleFactory(client=client, name="Quillon hours", always=True),
        factories.PresenceSpanFactory(operator=operator),
        factories.OperatorMessageFactory(client=client, text="Quillon fog"),
        factories.SkillFactory(client=client, name="quillon skill"),
        factories.BreakReasonFactory(client=client, name="Quillon lunch"),
        factories.SoundLimitsFactory(client=client),
        factories.DispositionFactory(client=client, name="Quillon sale"),
        factories.NoticeFactory(client=client, text="Quillon notice"),
        factories.MessageFactory(client=client, subject="Quillon message"),
        factories.OptionFactory(menu=menu, key="1", destination=ending.destination),
        factories.VisitFactory(flow=flow, call=call),
        factories.WebServiceFactory(client=client, name="Quillon orders"),
        factories.FlowVersionFactory(flow=flow),
        factories.FlowCaseFactory(flow=flow),
        routing.route(call),
        factories.EventFactory(
            kind="calls.opened", call_ref=call.public_id, client_ref=client.public_id,
            data={"direction": "incoming", "customer": "quillon", "ours": "x"},
        ),
    ]  # fmt: skip


def _campaign_of(client: Client, queue: Queue, person: Person, operator: Operator) -> list[Model]:
    """A campaign with one contact, who was tried once."""
    contacts = factories.ContactListFactory(client=client, name="Quillon contacts")
    contact = factories.ContactFactory(list=contacts, name="Quillon contact", person=person, numbers=["+12125550179"])
    campaign = factories.CampaignFactory(
        client=client, name="Quillon campaign", contact_list=contacts, queue=queue
    )  # fmt: skip
    target = factories.TargetFactory(campaign=campaign, contact=contact, status="calling")
    attempt = factories.AttemptFactory(campaign=campaign, target=target, number="+12125550179")
    run = factories.ImportFactory(list=contacts, file_name="quillon.csv", status="done")
    return [
        contacts, contact, *contact.numbers.all(), campaign, target, attempt,
        factories.RetryRuleFactory(campaign=campaign), factories.PreviewFactory(target=target, operator=operator),
        factories.PermissionFactory(campaign=campaign, target=target, number="+12125550179"),
        factories.DoNotCallFactory(client=client, number="+12125550180", source="quillon letter"),
        run, factories.ImportRowFactory(run=run),
    ]  # fmt: skip


def _machinery(key: Model) -> list[Model]:
    """Rows that belong to the house, not to a client."""
    every, _made = IntervalSchedule.objects.get_or_create(every=10, period="seconds")
    return [
        key,
        Group.objects.get(name=roles.READ_ONLY),
        factories.WebhookDeliveryFactory(),
        factories.CarrierRequestFactory(),
        PeriodicTask.objects.create(name="a task", task="apps.queues.tasks.sweep", interval=every),
        AccessAttempt.objects.create(username="x", failures_since_start=1),
    ]
