from datetime import datetime

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from timezone_field.rest_framework import TimeZoneSerializerField

from apps.core.api import ReadOnlyViewSet
from apps.hours import services
from apps.hours.models import Holiday, Period, Schedule


class PeriodSerializer(serializers.ModelSerializer):
    class Meta:
        model = Period
        fields = ["weekday", "opens", "closes"]


class HolidaySerializer(serializers.ModelSerializer):
    class Meta:
        model = Holiday
        fields = ["date", "name", "opens", "closes"]


class ScheduleSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="public_id", read_only=True)
    client = serializers.UUIDField(source="client.public_id", read_only=True)
    time_zone = TimeZoneSerializerField(use_pytz=False, read_only=True)
    periods = PeriodSerializer(many=True, read_only=True)
    holidays = HolidaySerializer(many=True, read_only=True)
    open = serializers.SerializerMethodField()
    next_opening = serializers.SerializerMethodField()

    class Meta:
        model = Schedule
        fields = ["id", "client", "name", "time_zone", "closed_now", "open", "next_opening", "periods", "holidays"]

    def get_open(self, schedule: Schedule) -> bool:
        return services.is_open(schedule)

    def get_next_opening(self, schedule: Schedule) -> datetime | None:
        return services.next_opening(schedule)


class ScheduleViewSet(ReadOnlyViewSet):
    """When things are open. `close` and `reopen` are the switch for an unforeseen day."""

    queryset = Schedule.objects.select_related("client").prefetch_related("periods", "holidays")
    serializer_class = ScheduleSerializer
    permissions = {"close": "hours.change_schedule", "reopen": "hours.change_schedule"}
    filterset_fields = {"closed_now": ["exact"], "client__public_id": ["exact"]}
    search_fields = ["name"]
    ordering_fields = ["name"]

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def close(self, request, public_id=None):
        """Close at once, whatever the hours say."""
        return Response(self.get_serializer(services.close_now(self.get_object(), by=request.user)).data)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def reopen(self, request, public_id=None):
        """Let the hours rule again."""
        return Response(self.get_serializer(services.reopen(self.get_object(), by=request.user)).data)


routes = [("schedules", ScheduleViewSet)]
