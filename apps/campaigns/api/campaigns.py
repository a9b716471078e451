"""Campaigns over the API: set up, run, look at."""

from dataclasses import asdict

from django.db import transaction
from django.db.models import Count, Q
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from apps.calls.models import Disposition
from apps.campaigns import ledger, overview, presets, services
from apps.campaigns.api.searching import SEARCH, searched
from apps.campaigns.models import Campaign, ContactList, Permission, RetryRule, Target
from apps.clients.models import Client
from apps.core.api import PublicIdField, StaysWithClient, TenantViewSet
from apps.destinations.models import Destination
from apps.hours.models import Schedule
from apps.queues.models import Queue

SETTINGS = [
    "mode", "caller_id", "max_concurrent_calls", "lines_per_operator", "pause_seconds", "preview_seconds",
    "preview_skips", "bot_warmup_url", "ring_seconds", "call_from", "call_until", "needs_consent", "most_tries",
    "most_tries_per_day", "retry_seconds", "machine", "machine_message", "abandoned_percent", "abandoned_window_days",
    "nobody_free_seconds", "nobody_free_message",
]  # fmt: skip


class RetryRuleSerializer(serializers.ModelSerializer):
    """What follows a try that ended with `outcome`, or was filed under `disposition`: one of the two."""

    disposition = PublicIdField(queryset=Disposition.objects.all(), required=False, allow_null=True)

    class Meta:
        model = RetryRule
        fields = ["outcome", "disposition", "after_seconds", "most_tries", "add_to_do_not_call"]
        validators = []  # `services.set_retry_rules` says the same in a sentence


class CampaignSerializer(StaysWithClient, serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    client = PublicIdField(queryset=Client.objects.all())
    contact_list = PublicIdField(queryset=ContactList.objects.all())
    queue = PublicIdField(queryset=Queue.objects.all(), required=False, allow_null=True)
    destination = PublicIdField(queryset=Destination.objects.all(), required=False, allow_null=True)
    schedule = PublicIdField(queryset=Schedule.objects.all(), required=False, allow_null=True)
    paused_by = serializers.CharField(source="paused_by.display_name", read_only=True, allow_null=True, default=None)
    preset = serializers.ChoiceField(
        choices=list(presets.PRESETS), write_only=True, required=False, help_text="Fills what is left open."
    )
    retry_rules = RetryRuleSerializer(
        many=True, required=False, help_text="Given, they replace all that there were, and those of the preset."
    )

    class Meta:
        model = Campaign
        fields = [
            "id", "client", "name", "status", "contact_list", "queue", "destination", "schedule", "preset", *SETTINGS,
            "retry_rules", "created_at", "started_at", "paused_at", "paused_by", "resumed_at", "ended_at",
            "heartbeat_at", "last_activity_at",
        ]  # fmt: skip
        read_only_fields = [
            "status", "created_at", "started_at", "paused_at", "resumed_at", "ended_at", "heartbeat_at",
            "last_activity_at",
        ]  # fmt: skip
        validators = []  # `services.check` says the same in a sentence


class ProgressSerializer(serializers.Serializer):
    status = serializers.CharField()
    total = serializers.IntegerField()
    position = serializers.IntegerField(help_text="Contacts that are through.")
    remaining = serializers.IntegerField(help_text="Contacts that wait or are being called.")
    waiting = serializers.IntegerField()
    calling = serializers.IntegerField()
    done = serializers.IntegerField()
    exhausted = serializers.IntegerField()
    skipped = serializers.IntegerField()
    percent = serializers.FloatField()
    tries = serializers.DictField(child=serializers.IntegerField(), help_text="How tries ended, and how often.")
    talking = serializers.IntegerField()
    unknown = serializers.IntegerField(help_text="Lines whose fate is being found out.")
    answered = serializers.IntegerField(help_text="By a person, within the policy's window.")
    abandoned = serializers.IntegerField()
    abandoned_percent = serializers.FloatField()
    calls_per_hour = serializers.FloatField()
    estimated_end = serializers.DateTimeField(allow_null=True)
    heartbeat_at = serializers.DateTimeField(allow_null=True)
    last_activity_at = serializers.DateTimeField(allow_null=True)
    owner = serializers.CharField(help_text="The process that dials at this moment; empty between two looks.")
    orphaned = serializers.BooleanField(help_text="It runs, and no dialer has looked at it for two minutes.")


class FailureSerializer(serializers.Serializer):
    outcome = serializers.CharField()
    words = serializers.CharField()
    tries = serializers.IntegerField()
    contacts = serializers.IntegerField()
    retried = serializers.IntegerField(help_text="Contacts that get another try.")
    advice = serializers.CharField()


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField()
    contacts = serializers.IntegerField()


class PreflightSerializer(serializers.Serializer):
    contacts = serializers.IntegerField()
    looked_at = serializers.IntegerField()
    now = serializers.IntegerField(help_text="Of those looked at: could be called at once.")
    later = serializers.IntegerField()
    never = serializers.IntegerField()
    next_at = serializers.DateTimeField(allow_null=True)
    estimated_end = serializers.DateTimeField(
        allow_null=True, help_text="Of one try of each who may be called now, with the operators who are ready now."
    )
    reasons = ReasonSerializer(many=True)
    sentences = serializers.ListField(child=serializers.CharField())


class SentencesSerializer(serializers.Serializer):
    sentences = serializers.ListField(child=serializers.CharField())


class TargetSerializer(serializers.ModelSerializer):
    contact = serializers.UUIDField(source="contact.public_id", read_only=True)
    name = serializers.CharField(source="contact.name", read_only=True)
    tries = serializers.IntegerField(read_only=True)

    class Meta:
        model = Target
        fields = ["contact", "name", "status", "due_at", "last_outcome", "why", "ended_at", "tries"]


class PermissionSerializer(serializers.ModelSerializer):
    contact = serializers.UUIDField(source="target.contact.public_id", read_only=True)

    class Meta:
        model = Permission
        fields = ["at", "contact", "number", "verdict", "code", "sentence", "until", "facts"]


class CampaignViewSet(TenantViewSet):
    """Campaigns, newest first: `?status=running&client__public_id=...`."""

    queryset = Campaign.objects.select_related(
        "client", "contact_list", "queue", "destination", "schedule", "paused_by"
    ).prefetch_related("retry_rules__disposition")
    serializer_class = CampaignSerializer
    http_method_names = ["get", "post", "patch", "head", "options"]
    filterset_fields = {"status": ["exact", "in"], "mode": ["exact"], "client__public_id": ["exact"]}
    search_fields = ["name"]
    ordering_fields = ["name", "created_at"]
    permissions = {
        **dict.fromkeys(("start", "pause", "resume", "cancel"), "campaigns.run_campaign"),
        **dict.fromkeys(("progress", "failures", "preflight", "why"), "campaigns.view_campaign"),
        "contacts": "campaigns.view_target",
        **dict.fromkeys(("permissions_of", "ledger"), "campaigns.view_permission"),
    }  # fmt: skip

    def perform_create(self, serializer):
        given = dict(serializer.validated_data)
        rules = given.pop("retry_rules", None)
        with transaction.atomic():
            campaign = services.create_campaign(given.pop("client"), by=self.request.user, **given)
            self._set_rules(campaign, rules)
        serializer.instance = campaign

    def perform_update(self, serializer):
        given = dict(serializer.validated_data)
        for name in ("client", "preset"):
            given.pop(name, None)
        rules, campaign = given.pop("retry_rules", None), serializer.instance
        for name, value in given.items():
            setattr(campaign, name, value)
        with transaction.atomic():
            services.save_campaign(campaign, by=self.request.user, changed=list(given))
            self._set_rules(campaign, rules)
        # The rules were read together with the campaign, before the change.
        serializer.instance = self.get_queryset().get(pk=campaign.pk)

    def _set_rules(self, campaign: Campaign, rules: list[dict] | None) -> None:
        if rules is not None:
            services.set_retry_rules(campaign, [RetryRule(**row) for row in rules], by=self.request.user)

    @extend_schema(request=None, responses=CampaignSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request, public_id=None):
        """Begin to dial. Running already is fine."""
        return self._shown(services.start(self.get_object(), by=request.user))

    @extend_schema(request=None, responses=CampaignSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request, public_id=None):
        """Dial nobody any more; conversations go on. Paused already is fine."""
        return self._shown(services.pause(self.get_object(), by=request.user))

    @extend_schema(request=None, responses=CampaignSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request, public_id=None):
        """Go on exactly where it stopped."""
        return self._shown(services.resume(self.get_object(), by=request.user))

    @extend_schema(request=None, responses=CampaignSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request, public_id=None):
        """End it for good; phones that ring are hung up, conversations go on to their end."""
        return self._shown(services.cancel(self.get_object(), by=request.user))

    def _shown(self, campaign: Campaign) -> Response:
        return Response(self.get_serializer(campaign).data)

    @extend_schema(responses=ProgressSerializer)
    @action(detail=True, filterset_fields=[])
    def progress(self, request, public_id=None):
        """Position, totals, what came of the tries, health, and the estimated end."""
        campaign = self.get_object()
        facts = asdict(overview.progress(campaign)) | {"status": campaign.status, "owner": campaign.owner}
        return Response(ProgressSerializer(facts).data)

    @extend_schema(responses=FailureSerializer(many=True))
    @action(detail=True, filterset_fields=[], pagination_class=None)
    def failures(self, request, public_id=None):
        """The tries that reached nobody, with advice on trying again."""
        return Response(FailureSerializer(overview.failures(self.get_object()), many=True).data)

    @extend_schema(responses=PreflightSerializer)
    @action(detail=True, filterset_fields=[])
    def preflight(self, request, public_id=None):
        """Who could be called now, later or never, and why not; operators, limits, caller id."""
        found = overview.preflight(self.get_object())
        facts = asdict(found) | {"reasons": [{"reason": words, "contacts": n} for words, n in found.reasons]}
        return Response(PreflightSerializer(facts).data)

    @extend_schema(responses=SentencesSerializer)
    @action(detail=True, filterset_fields=[])
    def why(self, request, public_id=None):
        """Why it dials or does not dial at this moment, in sentences."""
        return Response(SentencesSerializer({"sentences": overview.why(self.get_object())}).data)

    @extend_schema(
        parameters=[
            SEARCH,
            OpenApiParameter("status", str, description="waiting, calling, done, exhausted or skipped"),
        ],
        responses=TargetSerializer(many=True),
    )
    @action(detail=True, filterset_fields=[], search_fields=[])
    def contacts(self, request, public_id=None):
        """The contacts of the campaign with what came of them."""
        rows = Target.objects.filter(campaign=self.get_object()).select_related("contact")
        rows = rows.annotate(tries=Count("attempts", filter=Q(attempts__counted=True))).order_by("pk")
        if status := request.query_params.get("status"):
            rows = rows.filter(status=status)
        return self._page(searched(rows, request, "contact__name", "contact__external_id"), TargetSerializer)

    @extend_schema(
        parameters=[
            SEARCH,
            OpenApiParameter("verdict", str, description="allowed, later or never"),
            OpenApiParameter("code", str, description="The reason as one word: do_not_call, outside_hours ..."),
        ],
        responses=PermissionSerializer(many=True),
    )
    @action(detail=True, filterset_fields=[], search_fields=[], url_path="permissions")
    def permissions_of(self, request, public_id=None):
        """The ledger: each attempt and each skip with its reason, newest first."""
        rows = Permission.objects.filter(campaign=self.get_object()).select_related("target__contact")
        asked = {name: value for name in ("verdict", "code") if (value := request.query_params.get(name))}
        rows = searched(rows.filter(**asked), request, "number", "sentence", "target__contact__name")
        return self._page(rows, PermissionSerializer)

    @extend_schema(
        responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.BINARY, description="Every decision, oldest first.")}
    )
    @action(detail=True, filter_backends=[], pagination_class=None, url_path="ledger")
    def ledger(self, request, public_id=None):
        """The whole ledger as CSV: each attempt and each skip with its reason and what it was decided by."""
        campaign = self.get_object()
        rows = Permission.objects.filter(campaign=campaign).order_by("at", "pk")
        return ledger.as_csv(rows, name=str(campaign.public_id))

    def _page(self, rows, shape) -> Response:
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(shape(page, many=True).data)
