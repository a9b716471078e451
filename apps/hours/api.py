from datetime import datetime

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from timezone_field.rest_framework import TimeZoneSerializerField

from apps.clients.models import Client
from apps.core import clock
from apps.core.api import PublicIdField, StaysWithClient, TenantViewSet
from apps.hours import calendar, services
from apps.hours.models import Holiday, Period, PublicHoliday, Schedule


class PeriodSerializer(serializers.ModelSerializer):
    class Meta:
        model = Period
        fields = ["weekday", "opens", "closes"]


class HolidaySerializer(serializers.ModelSerializer):
    class Meta:
        model = Holiday
        fields = ["date", "last_date", "name", "opens", "closes"]


class PublicHolidaySerializer(serializers.ModelSerializer):
    class Meta:
        model = PublicHoliday
        fields = ["name", "treatment", "opens", "closes"]


class DaySerializer(serializers.Serializer):
    date = serializers.DateField()
    until = serializers.DateField(help_text="The last day; the same for one day.")
    name = serializers.CharField()
    closed = serializers.BooleanField(help_text="All day; else it has other hours.")
    words = serializers.CharField()


class CloseSerializer(serializers.Serializer):
    until = serializers.DateTimeField(required=False, allow_null=True, help_text="Then it opens by itself.")
    announcement = serializers.CharField(required=False, allow_blank=True, max_length=600, help_text="Callers hear it.")


class AtSerializer(serializers.Serializer):
    at = serializers.DateTimeField(required=False)


class MomentSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    open = serializers.BooleanField()
    holiday = serializers.BooleanField()
    words = serializers.CharField()
    message = serializers.CharField(help_text="What callers hear about the closing.")
    next_opening = serializers.DateTimeField(allow_null=True)


class ScheduleSerializer(StaysWithClient, serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    client = PublicIdField(queryset=Client.objects.all())
    time_zone = TimeZoneSerializerField(use_pytz=False, required=False)
    periods = PeriodSerializer(many=True, required=False)
    holidays = HolidaySerializer(many=True, required=False, help_text="Exceptions: days or spans of days of your own.")
    public_holidays = PublicHolidaySerializer(
        many=True, required=False, help_text="What is done on public holidays; those not named are closed days."
    )
    open = serializers.SerializerMethodField()
    next_opening = serializers.SerializerMethodField()
    next_closed_days = serializers.SerializerMethodField()

    class Meta:
        model = Schedule
        fields = [
            "id", "client", "name", "time_zone", "country", "region", "closed_message", "closed_now", "closed_until",
            "closing_announcement", "open", "next_opening", "periods", "holidays", "public_holidays",
            "next_closed_days",
        ]  # fmt: skip
        read_only_fields = ["closed_now", "closed_until", "closing_announcement"]
        validators = []  # `services.save_schedule` says the same in a sentence

    def get_open(self, schedule: Schedule) -> bool:
        return services.is_open(schedule)

    def get_next_opening(self, schedule: Schedule) -> datetime | None:
        return services.next_opening(schedule)

    @extend_schema_field(DaySerializer(many=True))
    def get_next_closed_days(self, schedule: Schedule) -> list[dict]:
        return DaySerializer(calendar.next_closed(schedule, clock.now()), many=True).data


class ScheduleViewSet(TenantViewSet):
    """When things are open. `close` and `reopen` are the switch for an unforeseen day."""

    queryset = Schedule.objects.complete()
    serializer_class = ScheduleSerializer
    permissions = {"close": "hours.change_schedule", "reopen": "hours.change_schedule"}
    filterset_fields = {"closed_now": ["exact"], "client__public_id": ["exact"]}
    search_fields = ["name"]
    ordering_fields = ["name"]

    def perform_create(self, serializer):
        settings = dict(serializer.validated_data)
        settings.setdefault("time_zone", settings["client"].time_zone)
        self._save(serializer, Schedule(), settings)

    def perform_update(self, serializer):
        self._save(serializer, serializer.instance, dict(serializer.validated_data))

    def _save(self, serializer, schedule: Schedule, settings: dict) -> None:
        given = {
            name: [model(**row) for row in settings.pop(name)]
            for name, model in (("periods", Period), ("holidays", Holiday), ("public_holidays", PublicHoliday))
            if name in settings
        }
        for name, value in settings.items():
            setattr(schedule, name, value)
        serializer.instance = services.save_schedule(schedule, **given, by=self.request.user)

    @extend_schema(request=CloseSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request, public_id=None):
        """Close at once, whatever the hours say: until a moment, or until somebody opens."""
        asked = CloseSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(
            self.get_serializer(services.close_now(self.get_object(), **asked.validated_data, by=request.user)).data
        )

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def reopen(self, request, public_id=None):
        """Let the hours rule again."""
        return Response(self.get_serializer(services.reopen(self.get_object(), by=request.user)).data)

    @extend_schema(parameters=[AtSerializer], responses=MomentSerializer)
    @action(detail=True, filterset_fields=[])
    def at(self, request, public_id=None):
        """Whether it is open at a moment (default: now), and what a caller then hears."""
        asked = AtSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        schedule, at = self.get_object(), asked.validated_data.get("at") or clock.now()
        found = {
            "at": at, "open": services.is_open(schedule, at), "holiday": services.is_holiday(schedule, at),
            "words": services.in_words(schedule, at), "message": services.closing_message(schedule, at),
            "next_opening": services.next_opening(schedule, at),
        }  # fmt: skip
        return Response(MomentSerializer(found).data)


routes = [("schedules", ScheduleViewSet)]
