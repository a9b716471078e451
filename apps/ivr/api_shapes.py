"""What the API of drawn flows is sent and answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.ivr import trials
from apps.ivr.models import FlowCase, FlowVersion
from apps.ivr.values import LONGEST_VALUE

LONGEST_SESSION = 100_000


class FaultSerializer(serializers.Serializer):
    path = serializers.CharField()
    text = serializers.CharField()
    level = serializers.ChoiceField(["wrong", "unfinished", "hint"])


class DocumentSerializer(serializers.Serializer):
    """`revision` is the one that was read; saving refuses when somebody else has saved since."""

    revision = serializers.IntegerField(min_value=0)
    document = serializers.JSONField()


class DrawingSerializer(DocumentSerializer):
    drawn = serializers.BooleanField(help_text="False while the flow's menus, filled in on pages, are the source.")
    faults = FaultSerializer(many=True)


class MaybeDocumentSerializer(serializers.Serializer):
    document = serializers.JSONField(required=False, default=None, help_text="Empty: the flow's own.")


class FaultsSerializer(serializers.Serializer):
    faults = FaultSerializer(many=True)


class NoteSerializer(serializers.Serializer):
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)


class NumberSerializer(serializers.Serializer):
    number = serializers.IntegerField(min_value=1)


class VersionSerializer(serializers.ModelSerializer):
    made_by = serializers.CharField(source="made_by.display_name", default="")
    current = serializers.SerializerMethodField()

    class Meta:
        model = FlowVersion
        fields = ["number", "note", "made_at", "made_by", "current"]

    def get_current(self, version: FlowVersion) -> bool:
        return version.pk == version.flow.version_id


class FullVersionSerializer(VersionSerializer):
    document = serializers.JSONField()

    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "document"]


class DocumentChangeSerializer(serializers.Serializer):
    path = serializers.CharField()
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)


class TrialAnswerSerializer(serializers.Serializer):
    """Keys, or words, or neither: silence. Where a web service is asked: what it `found`, or null for nothing."""

    digits = serializers.RegexField(r"^[0-9*#]*$", required=False, default="", allow_blank=True, max_length=40)
    speech = serializers.CharField(required=False, default="", allow_blank=True, max_length=400)
    found = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=LONGEST_VALUE), required=False, default=None,
        allow_null=True, help_text="The variables that are kept of the answer.",
    )  # fmt: skip


def answer_of(given: dict[str, Any]) -> dict[str, Any]:
    """The answer as a trial keeps it: only what was said."""
    return {name: given[name] for name in ("digits", "speech", "found") if given[name] not in (None, "")}


class TrialStartSerializer(MaybeDocumentSerializer):
    """Tries the published version, or `document`; nothing is kept and nobody is called."""

    caller = serializers.CharField(required=False, default="", allow_blank=True, max_length=40)
    language = serializers.CharField(required=False, default="", allow_blank=True, max_length=16)
    facts = serializers.DictField(
        child=serializers.BooleanField(), required=False, default=dict,
        help_text="What to pretend: “hours:ID”, “known:”, “list:NAME”, “tag:NAME”, “destination:ID”.",
    )  # fmt: skip
    answers = TrialAnswerSerializer(many=True, required=False, default=list)


class InputSerializer(TrialAnswerSerializer, MaybeDocumentSerializer):
    session = serializers.CharField(max_length=LONGEST_SESSION)


class SpokenSerializer(serializers.Serializer):
    text = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True, help_text="A sound that is played instead.")


class StepTakenSerializer(serializers.Serializer):
    node = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    edge = serializers.CharField(allow_blank=True)
    cause = serializers.CharField()
    key = serializers.CharField(allow_blank=True)
    label = serializers.CharField(allow_blank=True)


class PlayedSerializer(serializers.Serializer):
    session = serializers.CharField(help_text="To be sent back with the next input.")
    over = serializers.BooleanField()
    end = serializers.CharField(help_text="“asks NODE”, “sends to ID”, “hangs up” or “gives up”.")
    destination = serializers.CharField(allow_blank=True)
    node = serializers.CharField(allow_blank=True)
    num_digits = serializers.IntegerField()
    timeout_seconds = serializers.IntegerField()
    looks_up = serializers.ListField(
        child=serializers.CharField(), allow_null=True,
        help_text="A web service is asked: the variables that it gives. Null: the caller is asked.",
    )  # fmt: skip
    prompts = SpokenSerializer(many=True)
    steps = StepTakenSerializer(many=True)
    facts = serializers.DictField(child=serializers.BooleanField())


class CaseSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)

    class Meta:
        model = FlowCase
        fields = ["id", "name", "caller", "language", "answers", "facts", "expected"]


class NodeHeatSerializer(serializers.Serializer):
    calls = serializers.IntegerField()
    hung_up = serializers.IntegerField()
    seconds = serializers.FloatField(help_text="The mean of each time that a caller was there.")
    rating = serializers.FloatField(allow_null=True, help_text="The mean of what callers gave; null for none.")
    ratings = serializers.DictField(child=serializers.IntegerField(), help_text="Answers by the key pressed.")


class HeatSerializer(serializers.Serializer):
    visits = serializers.IntegerField()
    nodes = serializers.DictField(child=NodeHeatSerializer())
    edges = serializers.DictField(child=serializers.IntegerField(), help_text="Calls by “node/edge”.")


class ExpectedSerializer(serializers.Serializer):
    asked = serializers.ListField(child=serializers.CharField(max_length=40), max_length=200)
    end = serializers.CharField(max_length=160)


class CaseFileSerializer(CaseSerializer):
    answers = TrialAnswerSerializer(many=True)
    facts = serializers.DictField(child=serializers.BooleanField())
    expected = ExpectedSerializer()


class NewCaseSerializer(TrialStartSerializer):
    name = serializers.CharField(max_length=120)


class ResultSerializer(serializers.Serializer):
    id = serializers.UUIDField(source="case.public_id")
    name = serializers.CharField(source="case.name")
    passed = serializers.BooleanField()
    why = serializers.CharField(allow_blank=True)


class FlowFileSerializer(serializers.Serializer):
    """What `export` gives."""

    name = serializers.CharField(required=False, help_text="Not changed by an import.")
    document = serializers.JSONField()
    cases = CaseFileSerializer(
        many=True, required=False, default=None, max_length=trials.MOST_CASES, help_text="Left out: they stay."
    )
    revision = serializers.IntegerField(required=False, default=None, allow_null=True, min_value=0)
