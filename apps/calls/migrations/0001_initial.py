import django.db.models.deletion
from django.db import migrations, models

import apps.core.clock
import apps.core.ids
import apps.core.numbers


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("carrier", "0001_initial"),
        ("clients", "0001_initial"),
        ("destinations", "0001_initial"),
        ("operators", "0001_initial"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Disposition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("active", models.BooleanField(default=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dispositions", to="clients.client"
                    ),
                ),
            ],
            options={
                "ordering": ["position", "name"],
            },
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                (
                    "direction",
                    models.CharField(choices=[("inbound", "incoming"), ("outbound", "outgoing")], max_length=10),
                ),
                (
                    "status",
                    models.CharField(choices=[("open", "open"), ("over", "over")], default="open", max_length=6),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("answered", "answered"),
                            ("abandoned", "abandoned"),
                            ("short_abandoned", "abandoned at once"),
                            ("voicemail", "voicemail"),
                            ("callback", "callback"),
                            ("overflow", "passed on"),
                            ("busy", "busy"),
                            ("no_answer", "no answer"),
                            ("failed", "failed"),
                            ("refused", "refused"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "customer_number",
                    models.CharField(help_text="E.164, or the carrier's word for a withheld number.", max_length=64),
                ),
                ("our_number", apps.core.numbers.E164Field(blank=True)),
                ("language", models.CharField(default="en-US", max_length=16)),
                ("started_at", models.DateTimeField(default=apps.core.clock.now)),
                (
                    "answered_at",
                    models.DateTimeField(blank=True, help_text="When customer and operator first met.", null=True),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "fate",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("answered", "answered"),
                            ("abandoned", "abandoned"),
                            ("short_abandoned", "abandoned at once"),
                            ("voicemail", "voicemail"),
                            ("callback", "callback"),
                            ("overflow", "passed on"),
                            ("busy", "busy"),
                            ("no_answer", "no answer"),
                            ("failed", "failed"),
                            ("refused", "refused"),
                        ],
                        help_text="The outcome if the customer's line ended now, where the rows do not say it.",
                        max_length=16,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="calls", to="clients.client"
                    ),
                ),
                (
                    "heading",
                    models.ForeignKey(
                        blank=True,
                        help_text="Where the call is being sent; emptied by the document that takes it there.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="destinations.destination",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        blank=True,
                        help_text="Who spoke last.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="calls",
                        to="operators.operator",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="calls",
                        to="people.person",
                    ),
                ),
                (
                    "phone_number",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="calls",
                        to="carrier.phonenumber",
                    ),
                ),
                (
                    "disposition",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calls",
                        to="calls.disposition",
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at", "-pk"],
                "permissions": [("control_call", "Can control a live call"), ("place_call", "Can place a call")],
            },
        ),
        migrations.CreateModel(
            name="Room",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.PositiveSmallIntegerField()),
                ("conference_sid", models.CharField(blank=True, max_length=34)),
                ("opened_at", models.DateTimeField(default=apps.core.clock.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rooms", to="calls.call"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Leg",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("customer", "customer"), ("operator", "operator"), ("external", "outside number")],
                        max_length=12,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "queued"),
                            ("ringing", "ringing"),
                            ("in-progress", "in progress"),
                            ("completed", "completed"),
                            ("busy", "busy"),
                            ("no-answer", "no answer"),
                            ("failed", "failed"),
                            ("canceled", "canceled"),
                        ],
                        default="queued",
                        max_length=12,
                    ),
                ),
                (
                    "sid",
                    models.CharField(blank=True, max_length=34, null=True, unique=True, verbose_name="carrier's id"),
                ),
                (
                    "outgoing",
                    models.BooleanField(default=True, help_text="We asked the carrier for it; else it came to us."),
                ),
                ("address", models.CharField(help_text="Number, or client:identity.", max_length=128)),
                ("caller_id", models.CharField(blank=True, max_length=64)),
                (
                    "joined_at",
                    models.DateTimeField(
                        blank=True, help_text="When it came into the room; empty when not in it.", null=True
                    ),
                ),
                ("on_hold_since", models.DateTimeField(blank=True, null=True)),
                ("ring_seconds", models.PositiveSmallIntegerField(default=30)),
                ("step", models.PositiveIntegerField(default=0)),
                (
                    "dialed_at",
                    models.DateTimeField(
                        blank=True, help_text="When the request to dial was about to be sent.", null=True
                    ),
                ),
                (
                    "uncertain",
                    models.BooleanField(
                        default=False, help_text="The carrier's answer was lost; found out, never redialled."
                    ),
                ),
                ("hang_up_asked_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=apps.core.clock.now)),
                ("ringing_at", models.DateTimeField(blank=True, null=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "heard_at",
                    models.DateTimeField(default=apps.core.clock.now, help_text="When the carrier last spoke of it."),
                ),
                ("error_code", models.IntegerField(blank=True, null=True)),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="legs", to="calls.call"
                    ),
                ),
                (
                    "engagement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="legs",
                        to="operators.engagement",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="legs",
                        to="operators.operator",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="legs",
                        to="calls.room",
                    ),
                ),
            ],
            options={
                "ordering": ["created_at", "pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="disposition",
            constraint=models.UniqueConstraint(fields=("client", "name"), name="disposition_once_per_client"),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["client", "started_at"], name="call_client_started"),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(condition=models.Q(("status", "open")), fields=["client"], name="call_open"),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["customer_number", "started_at"], name="call_customer"),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("outcome", ""), ("status", "open")),
                    models.Q(("ended_at__isnull", False), ("status", "over"), models.Q(("outcome", ""), _negated=True)),
                    _connector="OR",
                ),
                name="call_over_has_outcome_and_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.UniqueConstraint(fields=("call", "n"), name="room_number_once_per_call"),
        ),
        migrations.AddIndex(
            model_name="leg",
            index=models.Index(
                condition=models.Q(("status__in", ("queued", "ringing", "in-progress"))),
                fields=["heard_at"],
                name="leg_open_heard",
            ),
        ),
        migrations.AddConstraint(
            model_name="leg",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ("queued", "ringing", "in-progress", "completed", "busy", "no-answer", "failed", "canceled"),
                    )
                ),
                name="leg_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="leg",
            constraint=models.UniqueConstraint(
                condition=models.Q(("role", "customer"), ("status__in", ("queued", "ringing", "in-progress"))),
                fields=("call",),
                name="one_open_customer_leg_per_call",
            ),
        ),
    ]
