import django.db.models.deletion
from django.db import migrations, models

import apps.core.clock
import apps.core.ids
import apps.core.numbers


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0003_parties_of_a_room"),
        ("destinations", "0001_initial"),
        ("operators", "0005_parties_of_a_room"),
    ]

    operations = [
        migrations.AddField(
            model_name="leg",
            name="call_token",
            field=models.CharField(
                blank=True,
                help_text="The carrier's leave to show this caller's number on a forwarded call.",
                max_length=4096,
            ),
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("warm", "after a word with them"),
                            ("blind", "at once"),
                            ("add", "as one more in the call"),
                            ("return", "back to who transferred it"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("ringing", "ringing"),
                            ("consulting", "talking about it"),
                            ("completed", "taken over"),
                            ("joined", "joined the call"),
                            ("refused", "refused"),
                            ("message", "asks to take a message"),
                            ("no_answer", "no answer"),
                            ("lost", "line lost"),
                            ("canceled", "called off"),
                        ],
                        default="ringing",
                        max_length=12,
                    ),
                ),
                ("number", apps.core.numbers.E164Field(blank=True)),
                ("note", models.TextField(blank=True, help_text="What the colleague said with their answer.")),
                ("begun_at", models.DateTimeField(default=apps.core.clock.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="transfers_begun",
                        to="operators.operator",
                    ),
                ),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="transfers", to="calls.call"
                    ),
                ),
                (
                    "destination",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="destinations.destination",
                    ),
                ),
                (
                    "leg",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="transfer",
                        to="calls.leg",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="operators.operator",
                    ),
                ),
            ],
            options={
                "ordering": ["-begun_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["ringing", "consulting"])),
                        fields=("call",),
                        name="one_open_transfer_per_call",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("destination__isnull", True), ("number", ""), ("operator__isnull", False)),
                            models.Q(("destination__isnull", False), ("number", ""), ("operator__isnull", True)),
                            models.Q(
                                ("destination__isnull", True),
                                ("operator__isnull", True),
                                models.Q(("number", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="transfer_has_one_target",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("status__in", ["ringing", "consulting"])),
                            models.Q(
                                models.Q(("status__in", ["ringing", "consulting"]), _negated=True),
                                ("ended_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="transfer_ends_once",
                    ),
                ],
            },
        ),
    ]
