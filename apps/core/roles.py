"""Who may do what: the one table of roles. Written to Django's groups after each migration.

Words: "view" "add" "change" "delete" are Django's permissions of the model; any other word is the codename of a
permission of its own (declared in the model's Meta). "all" means the four.
"""

ADMINISTRATOR = "administrator"
SUPERVISOR = "supervisor"
OPERATOR = "operator"
QUALITY = "quality"
READ_ONLY = "read-only"
# Whose work is at the admin's pages too; operators have the desk.
OPEN_THE_ADMIN = frozenset({ADMINISTRATOR, SUPERVISOR, QUALITY, READ_ONLY})

_CONFIGURATION = [
    "clients.client",
    "hours.schedule",
    "hours.period",
    "hours.holiday",
    "hours.publicholiday",
    "destinations.destination",
    "destinations.outsidenumber",
    "destinations.ending",
    "carrier.phonenumber",
    "operators.team",
    "operators.skill",
    "operators.operator",
    "operators.operatorskill",
    "operators.breakreason",
    "calls.disposition",
    "calls.soundlimits",
    "queues.queue",
    "queues.membership",
    "queues.skillrequirement",
    "queues.skillrelaxation",
    "queues.choice",
    "ivr.prompt",
    "ivr.flow",
    "ivr.flowcase",
    "ivr.flowplace",
    "ivr.menu",
    "ivr.option",
    "ivr.webservice",
    "routing.rule",
    "routing.conditiongroup",
    "routing.condition",
    "campaigns.campaign",
    "campaigns.retryrule",
]
_PEOPLE = [
    "people.person",
    "people.personnumber",
    "people.tag",
    "people.personlist",
    "people.consent",
    "queues.ownoperator",
    "campaigns.contactlist",
    "campaigns.contact",
    "campaigns.contactnumber",
    "campaigns.donotcall",
]
_RECORDS = [
    "calls.call",
    "calls.leg",
    "calls.room",
    "core.event",
    "recordings.recording",
    "queues.queueentry",
    "queues.offer",
    "queues.callback",
    "queues.callbacktry",
    "ivr.flowversion",
    "ivr.visit",
    "ivr.inquiry",
    "routing.decision",
    "campaigns.target",
    "campaigns.attempt",
    "campaigns.preview",
    "campaigns.permission",
    "campaigns.import",
    "campaigns.importrow",
    "operators.engagement",
    "operators.presencespan",
    "operators.operatormessage",
    "notify.notice",
]
_MACHINERY = ["carrier.webhookdelivery", "carrier.carrierrequest", "notify.message", "integrations.apikey", "core.user"]


def _grant(models: list[str], words: str) -> dict[str, str]:
    return dict.fromkeys(models, words)


ROLES: dict[str, dict[str, str]] = {
    ADMINISTRATOR: {
        **_grant(_CONFIGURATION + _PEOPLE + _MACHINERY, "all"),
        **_grant(_RECORDS, "view"),
        "carrier.webhookdelivery": "view",
        "carrier.carrierrequest": "view",
        "notify.notice": "view change",
        "calls.call": "view change control_call place_call monitor_call join_call",
        "recordings.recording": "view play_recording",
        "operators.operator": "all supervise_operator",
        "queues.queue": "all watch_board",
        "queues.callback": "view change",
        "campaigns.campaign": "all run_campaign",
        "campaigns.import": "view add",
        # Roles and the timetable are defined in code and shown; a locked login is opened again by deleting its row.
        "auth.group": "view",
        "django_celery_beat.periodictask": "view",
        "axes.accessattempt": "view delete",
    },
    SUPERVISOR: {
        **_grant(_CONFIGURATION, "view"),
        **_grant(_PEOPLE, "all"),
        **_grant(_RECORDS, "view"),
        "notify.notice": "view change",
        **_grant(["queues.membership", "queues.skillrequirement", "queues.skillrelaxation", "queues.choice"], "all"),
        "queues.callback": "view change",
        "operators.operator": "view change supervise_operator",
        "operators.operatorskill": "all",
        "calls.call": "view change control_call place_call monitor_call join_call",
        "recordings.recording": "view play_recording",
        "queues.queue": "view change watch_board",
        "campaigns.campaign": "all run_campaign",
        "campaigns.retryrule": "all",
        "campaigns.import": "view add",
    },
    OPERATOR: {
        "calls.call": "view change control_call place_call",
        "calls.leg": "view",
        "calls.disposition": "view",
        "operators.operator": "view",
        "operators.breakreason": "view",
        "queues.queue": "view",
        "queues.queueentry": "view",
        "queues.offer": "view change",
        "people.person": "view",
        "people.personnumber": "view",
        "people.tag": "view",
    },
    QUALITY: {
        **_grant(_CONFIGURATION + _PEOPLE + _RECORDS, "view"),
        "calls.call": "view monitor_call",
        "recordings.recording": "view play_recording",
        "queues.queue": "view watch_board",
    },
    READ_ONLY: {
        **_grant(_CONFIGURATION + _PEOPLE + _RECORDS, "view"),
        "queues.queue": "view watch_board",
    },
}


_FOUR = {"view", "add", "change", "delete"}


def codenames(model: str, words: str) -> set[str]:
    """The permission codenames that `words` give on `model` ("app.model")."""
    name = model.partition(".")[2]
    verbs = set(words.split())
    if "all" in verbs:
        verbs = verbs - {"all"} | _FOUR
    return {f"{verb}_{name}" if verb in _FOUR else verb for verb in verbs}
