"""Rows for tests, with as little said as possible: `OperatorFactory(presence="available")`.

Rows that hang together share one client: `MembershipFactory()` makes a queue and an operator of the same client.
"""

import datetime
import hashlib
import uuid

import factory
from django.contrib.auth.models import Group
from factory import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from apps.calls.models import Call, Disposition, Leg, Room, SoundLimits
from apps.campaigns.models import (
    Attempt,
    Campaign,
    Contact,
    ContactList,
    ContactNumber,
    DoNotCall,
    Import,
    ImportRow,
    Permission,
    Preview,
    RetryRule,
    Target,
)  # fmt: skip
from apps.carrier.models import CarrierRequest, PhoneNumber, WebhookDelivery
from apps.clients.models import Client
from apps.core import clock, roles
from apps.core.models import Event, User
from apps.destinations.models import Destination, Ending, OutsideNumber
from apps.hours.models import Holiday, Period, Schedule
from apps.integrations.models import ApiKey
from apps.ivr.models import Flow, FlowCase, FlowVersion, Menu, Option, Prompt, Visit, WebService
from apps.notify.models import Message, Notice
from apps.operators.models import (
    BreakReason,
    Engagement,
    Operator,
    OperatorMessage,
    OperatorSkill,
    PresenceSpan,
    Skill,
    Team,
)
from apps.people.models import Consent, Person, PersonList, PersonNumber, Tag
from apps.queues.models import Callback, CallbackTry, Choice, Membership, Offer, Queue, QueueEntry
from apps.recordings.models import Recording
from apps.routing.models import Condition, ConditionGroup, Decision, Rule

PASSWORD = "a-long-test-password"

OUR_CLIENT = SelfAttribute("..client")


def sid(prefix: str) -> str:
    """An identifier as the carrier makes them: two letters and 32 hexadecimal digits."""
    return prefix + uuid.uuid4().hex


# core, clients


class UserFactory(DjangoModelFactory):
    """`UserFactory(role="supervisor", clients=[client])`; without a role the user may do nothing."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = Sequence("user{}".format)
    password = factory.django.Password(PASSWORD)
    date_joined = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)

    @factory.post_generation
    def role(self, create, name, **kwargs):
        if create and name:
            assert name in roles.ROLES, f"{name} is not a role."
            self.groups.add(Group.objects.get_or_create(name=name)[0])

    @factory.post_generation
    def clients(self, create, clients, **kwargs):
        if create and clients:
            self.clients.add(*clients)


class EventFactory(DjangoModelFactory):
    class Meta:
        model = Event

    kind = "calls.opened"


class ClientFactory(DjangoModelFactory):
    class Meta:
        model = Client

    name = Sequence("Client {}".format)
    slug = Sequence("client-{}".format)


# destinations, people, hours


class DestinationFactory(DjangoModelFactory):
    """A bare row; for one that works take EndingFactory().destination, QueueFactory().destination and so on."""

    class Meta:
        model = Destination

    client = SubFactory(ClientFactory)
    kind = "ending"
    label = Sequence("Destination {}".format)


class OutsideNumberFactory(DjangoModelFactory):
    class Meta:
        model = OutsideNumber

    class Params:
        client = SubFactory(ClientFactory)

    destination = SubFactory(DestinationFactory, client=OUR_CLIENT, kind="number")
    number = Sequence(lambda n: f"+1312555{n % 10000:04d}")


class EndingFactory(DjangoModelFactory):
    class Meta:
        model = Ending

    class Params:
        client = SubFactory(ClientFactory)

    destination = SubFactory(DestinationFactory, client=OUR_CLIENT, kind="ending")
    message = "We are closed. Good-bye."


class PersonFactory(DjangoModelFactory):
    """`PersonFactory(numbers=["+12125550001"], tags=["VIP"])`."""

    class Meta:
        model = Person
        skip_postgeneration_save = True

    client = SubFactory(ClientFactory)
    name = Sequence("Person {}".format)

    @factory.post_generation
    def numbers(self, create, numbers, **kwargs):
        for number in numbers or ():
            PersonNumber.objects.create(person=self, client=self.client, number=number)

    @factory.post_generation
    def tags(self, create, names, **kwargs):
        for name in names or ():
            self.tags.add(Tag.objects.get_or_create(client=self.client, name=name)[0])


class PersonNumberFactory(DjangoModelFactory):
    class Meta:
        model = PersonNumber

    person = SubFactory(PersonFactory)
    client = SelfAttribute("person.client")
    number = Sequence(lambda n: f"+1212555{n % 10000:04d}")


class TagFactory(DjangoModelFactory):
    class Meta:
        model = Tag

    client = SubFactory(ClientFactory)
    name = Sequence("tag {}".format)


class PersonListFactory(DjangoModelFactory):
    class Meta:
        model = PersonList
        skip_postgeneration_save = True

    client = SubFactory(ClientFactory)
    name = Sequence("List {}".format)

    @factory.post_generation
    def people(self, create, people, **kwargs):
        if create and people:
            self.people.add(*people)


class ConsentFactory(DjangoModelFactory):
    class Meta:
        model = Consent

    person = SubFactory(PersonFactory)
    subject = Consent.Subject.CALLS
    given = True
    source = "a form"


class ScheduleFactory(DjangoModelFactory):
    """Without periods, so closed; `ScheduleFactory(always=True)` is open all day, every day."""

    class Meta:
        model = Schedule
        skip_postgeneration_save = True

    client = SubFactory(ClientFactory)
    name = Sequence("Schedule {}".format)

    @factory.post_generation
    def always(self, create, wanted, **kwargs):
        if create and wanted:
            for weekday in Period.Weekday:
                PeriodFactory(schedule=self, weekday=weekday, opens=datetime.time(), closes=datetime.time())


class PeriodFactory(DjangoModelFactory):
    class Meta:
        model = Period

    schedule = SubFactory(ScheduleFactory)
    weekday = Period.Weekday.MONDAY
    opens = datetime.time(9)
    closes = datetime.time(17)


class HolidayFactory(DjangoModelFactory):
    class Meta:
        model = Holiday

    schedule = SubFactory(ScheduleFactory)
    date = datetime.date(2026, 12, 25)
    name = "Christmas"


# carrier, operators, notify


class PhoneNumberFactory(DjangoModelFactory):
    class Meta:
        model = PhoneNumber

    client = SubFactory(ClientFactory)
    number = Sequence(lambda n: f"+1415557{n % 10000:04d}")  # none that a test names itself
    label = "Main line"
    destination = SubFactory(DestinationFactory, client=OUR_CLIENT)


class WebhookDeliveryFactory(DjangoModelFactory):
    class Meta:
        model = WebhookDelivery

    kind = "voice"
    verdict = WebhookDelivery.Verdict.ACCEPTED
    path = "/carrier/voice"


class CarrierRequestFactory(DjangoModelFactory):
    class Meta:
        model = CarrierRequest

    action = "dial"
    outcome = CarrierRequest.Outcome.DONE


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = Team

    client = SubFactory(ClientFactory)
    name = Sequence("Team {}".format)


class SkillFactory(DjangoModelFactory):
    class Meta:
        model = Skill

    client = SubFactory(ClientFactory)
    name = Sequence("skill {}".format)


class BreakReasonFactory(DjangoModelFactory):
    class Meta:
        model = BreakReason

    client = SubFactory(ClientFactory)
    name = Sequence("Break {}".format)


class OperatorFactory(DjangoModelFactory):
    """`OperatorFactory(client=client, presence="available")`; its user has the operator's role and is a member."""

    class Meta:
        model = Operator
        skip_postgeneration_save = True

    class Params:
        client = SubFactory(ClientFactory)

    user = SubFactory(UserFactory, role=roles.OPERATOR)
    team = SubFactory(TeamFactory, client=OUR_CLIENT)

    @factory.post_generation
    def member(self, create, wanted, **kwargs):
        if create and wanted is not False:
            self.team.client.members.add(self.user)


class OperatorSkillFactory(DjangoModelFactory):
    class Meta:
        model = OperatorSkill

    operator = SubFactory(OperatorFactory)
    skill = SubFactory(SkillFactory, client=SelfAttribute("..operator.team.client"))


class PresenceSpanFactory(DjangoModelFactory):
    class Meta:
        model = PresenceSpan

    operator = SubFactory(OperatorFactory)
    presence = Operator.Presence.AVAILABLE
    since = LazyFunction(clock.now)


class OperatorMessageFactory(DjangoModelFactory):
    class Meta:
        model = OperatorMessage

    client = SubFactory(ClientFactory)
    text = "Fog on the coast."
    to = "everybody"
    by = SubFactory(UserFactory)


class EngagementFactory(DjangoModelFactory):
    class Meta:
        model = Engagement

    operator = SubFactory(OperatorFactory)
    purpose = Engagement.Purpose.DESK_CALL


class NoticeFactory(DjangoModelFactory):
    class Meta:
        model = Notice

    client = SubFactory(ClientFactory)
    key = Sequence("notice:{}".format)
    text = "Main line leads nowhere. Choose a destination for it."


class MessageFactory(DjangoModelFactory):
    class Meta:
        model = Message

    client = SubFactory(ClientFactory)
    key = Sequence("message:{}".format)
    channel = Message.Channel.EMAIL
    to = "manager@example.com"
    subject = "A notice"
    body = "Something needs a look."


# calls, recordings


class DispositionFactory(DjangoModelFactory):
    class Meta:
        model = Disposition

    client = SubFactory(ClientFactory)
    name = Sequence("Disposition {}".format)


class SoundLimitsFactory(DjangoModelFactory):
    class Meta:
        model = SoundLimits

    client = SubFactory(ClientFactory)


class CallFactory(DjangoModelFactory):
    """An open incoming call from an unknown number."""

    class Meta:
        model = Call

    client = SubFactory(ClientFactory)
    direction = Call.Direction.INBOUND
    phone_number = SubFactory(PhoneNumberFactory, client=OUR_CLIENT)
    customer_number = Sequence(lambda n: f"+1646555{n % 10000:04d}")
    our_number = LazyAttribute(lambda call: call.phone_number.number if call.phone_number else "+14155550100")


class RoomFactory(DjangoModelFactory):
    class Meta:
        model = Room

    call = SubFactory(CallFactory)
    n = 1


class LegFactory(DjangoModelFactory):
    """The customer's leg of an incoming call, in progress."""

    class Meta:
        model = Leg

    call = SubFactory(CallFactory)
    role = Leg.Role.CUSTOMER
    status = Leg.Status.IN_PROGRESS
    sid = LazyFunction(lambda: sid("CA"))
    outgoing = LazyAttribute(lambda leg: leg.role != Leg.Role.CUSTOMER)
    address = SelfAttribute("call.customer_number")


class RecordingFactory(DjangoModelFactory):
    class Meta:
        model = Recording

    leg = SubFactory(LegFactory)
    call = SelfAttribute("leg.call")
    client = SelfAttribute("call.client")
    sid = LazyFunction(lambda: sid("RE"))


# queues


class QueueFactory(DjangoModelFactory):
    """`QueueFactory(members=[operator])`."""

    class Meta:
        model = Queue
        skip_postgeneration_save = True

    client = SubFactory(ClientFactory)
    name = Sequence("Queue {}".format)
    destination = SubFactory(DestinationFactory, client=OUR_CLIENT, kind="queue", label=SelfAttribute("..name"))

    @factory.post_generation
    def members(self, create, operators, **kwargs):
        for operator in operators or ():
            MembershipFactory(queue=self, operator=operator)


class ChoiceFactory(DjangoModelFactory):
    """To be called back; `ChoiceFactory(action="go", destination=...)` to go elsewhere."""

    class Meta:
        model = Choice

    queue = SubFactory(QueueFactory)
    key = "1"


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    queue = SubFactory(QueueFactory)
    operator = SubFactory(OperatorFactory, client=SelfAttribute("..queue.client"))


class QueueEntryFactory(DjangoModelFactory):
    class Meta:
        model = QueueEntry

    queue = SubFactory(QueueFactory)
    call = SubFactory(CallFactory, client=SelfAttribute("..queue.client"))


class CallbackFactory(DjangoModelFactory):
    """Somebody waits to be called back: the call in which they asked is over."""

    class Meta:
        model = Callback

    entry = SubFactory(QueueEntryFactory, kind="callback", queue=SelfAttribute("..queue"), call=SelfAttribute("..call"))
    queue = SubFactory(QueueFactory)
    call = SubFactory(
        CallFactory, client=SelfAttribute("..queue.client"), status="over", outcome="callback",
        ended_at=LazyFunction(clock.now),
    )  # fmt: skip
    number = "+14155550123"
    expires_at = LazyFunction(lambda: clock.now() + datetime.timedelta(days=1))


class CallbackTryFactory(DjangoModelFactory):
    class Meta:
        model = CallbackTry

    callback = SubFactory(CallbackFactory)
    n = 1
    call = SubFactory(CallFactory, client=SelfAttribute("..callback.queue.client"), direction="outbound")


class OfferFactory(DjangoModelFactory):
    class Meta:
        model = Offer

    entry = SubFactory(QueueEntryFactory, status=QueueEntry.Status.OFFERED)
    operator = SubFactory(OperatorFactory, client=SelfAttribute("..entry.queue.client"))
    engagement = SubFactory(
        EngagementFactory, operator=SelfAttribute("..operator"), purpose=Engagement.Purpose.OFFER,
        call_ref=SelfAttribute("..entry.call.public_id"),
    )  # fmt: skip
    leg = SubFactory(
        LegFactory, call=SelfAttribute("..entry.call"), role=Leg.Role.OPERATOR, status=Leg.Status.RINGING,
        operator=SelfAttribute("..operator"), engagement=SelfAttribute("..engagement"),
        address=LazyAttribute(lambda leg: f"client:{leg.operator.identity}"),
    )  # fmt: skip


# ivr


class PromptFactory(DjangoModelFactory):
    class Meta:
        model = Prompt

    client = SubFactory(ClientFactory)
    name = Sequence("Prompt {}".format)
    text = "For dispatch press 1, for billing press 2."


class FlowFactory(DjangoModelFactory):
    """A flow without menus; the first MenuFactory(flow=flow) becomes its start."""

    class Meta:
        model = Flow

    client = SubFactory(ClientFactory)
    name = Sequence("Flow {}".format)
    destination = SubFactory(DestinationFactory, client=OUR_CLIENT, kind="flow", label=SelfAttribute("..name"))


class MenuFactory(DjangoModelFactory):
    class Meta:
        model = Menu
        skip_postgeneration_save = True

    flow = SubFactory(FlowFactory)
    name = Sequence("Menu {}".format)
    prompt = SubFactory(PromptFactory, client=SelfAttribute("..flow.client"))

    @factory.post_generation
    def start(self, create, wanted, **kwargs):
        if create and wanted is not False and self.flow.start is None:
            self.flow.start = self
            self.flow.save(update_fields=["start"])


class OptionFactory(DjangoModelFactory):
    """`OptionFactory(menu=menu, key="1", destination=queue.destination)` or `next_menu=`."""

    class Meta:
        model = Option

    menu = SubFactory(MenuFactory)
    key = Sequence(lambda n: str(n % 10))
    next_menu = None
    destination = factory.Maybe(
        "next_menu",
        yes_declaration=None,
        no_declaration=SubFactory(DestinationFactory, client=SelfAttribute("..menu.flow.client")),
    )


class FlowVersionFactory(DjangoModelFactory):
    """A version whose caller hears a good-bye."""

    class Meta:
        model = FlowVersion

    flow = SubFactory(FlowFactory)
    number = Sequence(lambda n: n + 1)
    document = factory.LazyFunction(lambda: {"start": "bye", "nodes": {"bye": {"kind": "hangup"}}})


class FlowCaseFactory(DjangoModelFactory):
    """A test call that expects a good-bye at once."""

    class Meta:
        model = FlowCase

    flow = SubFactory(FlowFactory)
    name = Sequence("Test call {}".format)
    expected = factory.LazyFunction(lambda: {"asked": [], "end": "hangs up"})


class VisitFactory(DjangoModelFactory):
    class Meta:
        model = Visit

    flow = SubFactory(FlowFactory)
    call = SubFactory(CallFactory, client=SelfAttribute("..flow.client"))


class WebServiceFactory(DjangoModelFactory):
    class Meta:
        model = WebService

    client = SubFactory(ClientFactory)
    name = Sequence("Service {}".format)
    address = "https://orders.example.com/api/"


# routing, integrations


class RuleFactory(DjangoModelFactory):
    class Meta:
        model = Rule

    client = SubFactory(ClientFactory)
    name = Sequence("Rule {}".format)
    position = Sequence(int)
    destination = SubFactory(DestinationFactory, client=OUR_CLIENT)


class ConditionGroupFactory(DjangoModelFactory):
    class Meta:
        model = ConditionGroup

    rule = SubFactory(RuleFactory)


class ConditionFactory(DjangoModelFactory):
    class Meta:
        model = Condition

    group = SubFactory(ConditionGroupFactory)
    subject = Condition.Subject.KNOWN_CALLER
    value = "yes"


class DecisionFactory(DjangoModelFactory):
    class Meta:
        model = Decision

    call = SubFactory(CallFactory)
    sentence = "No rule matched; the number's own destination."


# campaigns


class ContactListFactory(DjangoModelFactory):
    class Meta:
        model = ContactList

    client = SubFactory(ClientFactory)
    name = Sequence("Contacts {}".format)


class ContactFactory(DjangoModelFactory):
    """`ContactFactory(numbers=["+14155550101"])`; without numbers it gets one of California."""

    class Meta:
        model = Contact
        skip_postgeneration_save = True

    class Params:
        client = SubFactory(ClientFactory)

    list = SubFactory(ContactListFactory, client=OUR_CLIENT)
    name = Sequence("Contact {}".format)

    @factory.post_generation
    def numbers(self, create, numbers, **kwargs):
        if not create:
            return
        given = numbers if numbers is not None else [f"+1415556{self.pk % 10000:04d}"]
        for position, number in enumerate(given):
            ContactNumber.objects.create(contact=self, list=self.list, number=number, position=position)


class ContactNumberFactory(DjangoModelFactory):
    class Meta:
        model = ContactNumber

    contact = SubFactory(ContactFactory, numbers=[])
    list = SelfAttribute("contact.list")
    number = Sequence(lambda n: f"+1415557{n % 10000:04d}")


class CampaignFactory(DjangoModelFactory):
    """Progressive, on a queue of its own, at any hour of the day."""

    class Meta:
        model = Campaign

    client = SubFactory(ClientFactory)
    name = Sequence("Campaign {}".format)
    contact_list = SubFactory(ContactListFactory, client=OUR_CLIENT)
    queue = SubFactory(QueueFactory, client=OUR_CLIENT)
    call_from = datetime.time(0)
    call_until = datetime.time(23, 59, 59)


class RetryRuleFactory(DjangoModelFactory):
    class Meta:
        model = RetryRule

    campaign = SubFactory(CampaignFactory)
    outcome = RetryRule.Outcome.BUSY
    after_seconds = 600


class TargetFactory(DjangoModelFactory):
    class Meta:
        model = Target

    campaign = SubFactory(CampaignFactory)
    contact = SubFactory(ContactFactory, list=SelfAttribute("..campaign.contact_list"))


class AttemptFactory(DjangoModelFactory):
    class Meta:
        model = Attempt

    campaign = SubFactory(CampaignFactory)
    target = SubFactory(TargetFactory, campaign=SelfAttribute("..campaign"), status="calling")
    n = 1
    number = "+14155556001"
    call = SubFactory(CallFactory, client=SelfAttribute("..campaign.client"), direction="outbound")
    leg = SubFactory(LegFactory, call=SelfAttribute("..call"), status="queued", sid=None)
    fence = 1


class PreviewFactory(DjangoModelFactory):
    """Over: nobody decided in time."""

    class Meta:
        model = Preview

    target = SubFactory(TargetFactory)
    operator = SubFactory(OperatorFactory, team__client=SelfAttribute("...target.campaign.client"))
    engagement = SubFactory(
        EngagementFactory, operator=SelfAttribute("..operator"), purpose="preview",
        ended_at=LazyFunction(clock.now),
    )  # fmt: skip
    number = "+14155556001"
    status = Preview.Status.EXPIRED
    due_at = LazyFunction(clock.now)
    expires_at = LazyFunction(clock.now)


class PermissionFactory(DjangoModelFactory):
    class Meta:
        model = Permission

    campaign = SubFactory(CampaignFactory)
    target = SubFactory(TargetFactory, campaign=SelfAttribute("..campaign"))
    verdict = Permission.Verdict.LATER
    code = "outside_hours"
    sentence = "Outside the calling hours until 08:00."


class DoNotCallFactory(DjangoModelFactory):
    class Meta:
        model = DoNotCall

    client = SubFactory(ClientFactory)
    number = Sequence(lambda n: f"+1415558{n % 10000:04d}")
    source = "a letter"


class ImportFactory(DjangoModelFactory):
    class Meta:
        model = Import

    class Params:
        client = SubFactory(ClientFactory)

    list = SubFactory(ContactListFactory, client=OUR_CLIENT)
    file_name = "contacts.csv"


class ImportRowFactory(DjangoModelFactory):
    class Meta:
        model = ImportRow

    run = SubFactory(ImportFactory)
    line = Sequence(lambda n: n + 2)
    reason = "This is not a phone number."


class ApiKeyFactory(DjangoModelFactory):
    """A key that cannot be used to sign in; for one that can, call integrations.services.make_key."""

    class Meta:
        model = ApiKey

    name = Sequence("Key {}".format)
    user = SubFactory(UserFactory)
    prefix = Sequence(lambda n: f"{n:012d}")
    digest = LazyAttribute(lambda key: hashlib.sha256(key.prefix.encode()).hexdigest())
