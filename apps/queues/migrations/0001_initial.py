import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import apps.core.clock
import apps.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("calls", "0001_initial"),
        ("clients", "0001_initial"),
        ("destinations", "0001_initial"),
        ("hours", "0001_initial"),
        ("operators", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("active", models.BooleanField(default=True)),
                ("last_offered_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="operators.operator"
                    ),
                ),
            ],
            options={
                "ordering": ["queue", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Queue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("active", models.BooleanField(default=True)),
                (
                    "strategy",
                    models.CharField(
                        choices=[("longest_idle", "longest idle"), ("round_robin", "round robin")],
                        default="longest_idle",
                        max_length=16,
                    ),
                ),
                (
                    "max_size",
                    models.PositiveIntegerField(
                        default=100,
                        help_text="Callers waiting at most.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="places",
                    ),
                ),
                (
                    "max_wait_seconds",
                    models.PositiveIntegerField(
                        default=600,
                        help_text="After this the call is passed on.",
                        validators=[
                            django.core.validators.MinValueValidator(10),
                            django.core.validators.MaxValueValidator(7200),
                        ],
                    ),
                ),
                (
                    "when_unstaffed",
                    models.CharField(
                        choices=[("wait", "wait in the queue"), ("overflow", "pass the call on")],
                        default="wait",
                        help_text="What happens while no member is signed in.",
                        max_length=10,
                    ),
                ),
                (
                    "ring_seconds",
                    models.PositiveSmallIntegerField(
                        default=20,
                        validators=[
                            django.core.validators.MinValueValidator(5),
                            django.core.validators.MaxValueValidator(120),
                        ],
                    ),
                ),
                (
                    "wrap_up_seconds",
                    models.PositiveIntegerField(
                        default=30,
                        help_text="0: available at once.",
                        validators=[django.core.validators.MaxValueValidator(3600)],
                    ),
                ),
                ("service_level_seconds", models.PositiveIntegerField(default=20)),
                (
                    "short_abandon_seconds",
                    models.PositiveIntegerField(
                        default=5, help_text="Who gives up sooner is not counted as abandoned."
                    ),
                ),
                (
                    "greeting",
                    models.CharField(blank=True, help_text="Spoken once when a caller joins.", max_length=600),
                ),
                ("announce_position", models.BooleanField(default=True)),
                (
                    "announce_every_seconds",
                    models.PositiveSmallIntegerField(
                        default=45, validators=[django.core.validators.MinValueValidator(15)]
                    ),
                ),
                (
                    "comfort_message",
                    models.CharField(
                        blank=True, default="Thank you for waiting. Somebody will be with you soon.", max_length=600
                    ),
                ),
                ("disposition_required", models.BooleanField(default=False)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="queues", to="clients.client"
                    ),
                ),
                (
                    "destination",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="queue",
                        to="destinations.destination",
                    ),
                ),
                ("dispositions", models.ManyToManyField(blank=True, related_name="queues", to="calls.disposition")),
                (
                    "members",
                    models.ManyToManyField(related_name="queues", through="queues.Membership", to="operators.operator"),
                ),
                (
                    "overflow",
                    models.ForeignKey(
                        blank=True,
                        help_text="Where calls go when the queue is full or the wait too long; empty: an apology and good-bye.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="destinations.destination",
                    ),
                ),
                (
                    "schedule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="hours.schedule",
                    ),
                ),
                (
                    "when_closed",
                    models.ForeignKey(
                        blank=True,
                        help_text="Where calls go outside the schedule.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="destinations.destination",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "permissions": [("watch_board", "Can watch the live board")],
            },
        ),
        migrations.AddField(
            model_name="membership",
            name="queue",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="queues.queue"
            ),
        ),
        migrations.CreateModel(
            name="QueueEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("offered", "ringing an operator"),
                            ("talking", "talking"),
                            ("answered", "answered"),
                            ("abandoned", "abandoned"),
                            ("overflowed", "passed on"),
                            ("moved", "moved"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("joined_at", models.DateTimeField(default=apps.core.clock.now)),
                ("place_at", models.DateTimeField(default=apps.core.clock.now)),
                (
                    "front",
                    models.BooleanField(
                        default=False, help_text="Served before the others: put back after a lost operator."
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="queue_entries", to="calls.call"
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="operators.operator",
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="queues.queue"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "queue entries",
                "ordering": ["-joined_at"],
            },
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("ringing", "ringing"),
                            ("accepted", "accepted"),
                            ("declined", "declined"),
                            ("missed", "missed"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="ringing",
                        max_length=10,
                    ),
                ),
                ("offered_at", models.DateTimeField(default=apps.core.clock.now)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "reason",
                    models.CharField(blank=True, help_text="Why this operator, or why it ended.", max_length=200),
                ),
                (
                    "engagement",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="offer", to="operators.engagement"
                    ),
                ),
                (
                    "leg",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="offer",
                        to="calls.leg",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="offers", to="operators.operator"
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="offers", to="queues.queueentry"
                    ),
                ),
            ],
            options={
                "ordering": ["-offered_at"],
            },
        ),
        migrations.AddConstraint(
            model_name="queue",
            constraint=models.UniqueConstraint(fields=("client", "name"), name="queue_once_per_client"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("queue", "operator"), name="membership_once"),
        ),
        migrations.AddIndex(
            model_name="queueentry",
            index=models.Index(
                condition=models.Q(("status__in", ["waiting", "offered"])),
                fields=["queue", "place_at"],
                name="entry_in_line",
            ),
        ),
        migrations.AddIndex(
            model_name="queueentry",
            index=models.Index(fields=["queue", "joined_at"], name="entry_queue_joined"),
        ),
        migrations.AddConstraint(
            model_name="queueentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["waiting", "offered", "talking"])),
                fields=("call",),
                name="one_open_entry_per_call",
            ),
        ),
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(condition=models.Q(("status", "ringing")), fields=["offered_at"], name="offer_ringing"),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True), ("status", "accepted")),
                fields=("entry",),
                name="one_accepted_open_offer_per_entry",
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "ringing")), fields=("operator",), name="one_ringing_offer_per_operator"
            ),
        ),
    ]
