import django.db.models.deletion
from django.db import migrations, models

import apps.core.clock
import apps.core.ids
import apps.core.numbers


class Migration(migrations.Migration):
    initial = True

    dependencies = [("clients", "0001_initial"), ("destinations", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="CarrierRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("action", models.CharField(max_length=60)),
                ("at", models.DateTimeField(default=apps.core.clock.now)),
                (
                    "outcome",
                    models.CharField(
                        choices=[("done", "done"), ("refused", "refused"), ("lost", "answer lost")], max_length=8
                    ),
                ),
                ("error_code", models.IntegerField(blank=True, null=True)),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("milliseconds", models.PositiveIntegerField(default=0)),
                ("call_sid", models.CharField(blank=True, max_length=34)),
                ("call_ref", models.UUIDField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "request to the carrier",
                "verbose_name_plural": "requests to the carrier",
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("call_ref__isnull", False)),
                        fields=["call_ref"],
                        name="carrier_request_call",
                    ),
                    models.Index(
                        condition=models.Q(("call_sid", ""), _negated=True),
                        fields=["call_sid"],
                        name="carrier_request_line",
                    ),
                    models.Index(fields=["at"], name="carrier_request_at"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PhoneNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                ("number", apps.core.numbers.E164Field(unique=True)),
                ("label", models.CharField(help_text="What the number is for: Main line, Dispatch.", max_length=120)),
                (
                    "carrier_sid",
                    models.CharField(blank=True, editable=False, max_length=34, verbose_name="carrier's id"),
                ),
                (
                    "set_up_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the carrier was last told where its calls are answered.",
                        null=True,
                    ),
                ),
                (
                    "trouble",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="Why that did not work; empty when it did.",
                        max_length=300,
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="phone_numbers", to="clients.client"
                    ),
                ),
                (
                    "destination",
                    models.ForeignKey(
                        help_text="Where calls go when no routing rule matches.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="destinations.destination",
                    ),
                ),
            ],
            options={"verbose_name": "phone number", "ordering": ["label"]},
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(blank=True, max_length=64, null=True)),
                ("kind", models.CharField(max_length=40)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("accepted", "accepted"),
                            ("unsigned", "not signed"),
                            ("forged", "wrongly signed"),
                            ("malformed", "not understood"),
                            ("oversized", "too large"),
                            ("unknown", "about nothing we know"),
                            ("failed", "failed here"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("received_at", models.DateTimeField(default=apps.core.clock.now)),
                ("path", models.CharField(max_length=400)),
                ("params", models.JSONField(default=dict)),
                ("reply", models.TextField(blank=True)),
                ("repeats", models.PositiveIntegerField(default=0)),
                ("call_sid", models.CharField(blank=True, max_length=34)),
                ("call_ref", models.UUIDField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "carrier request to us",
                "verbose_name_plural": "carrier requests to us",
                "ordering": ["-received_at", "-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("call_ref__isnull", False)), fields=["call_ref"], name="delivery_call"
                    ),
                    models.Index(
                        condition=models.Q(("call_sid", ""), _negated=True), fields=["call_sid"], name="delivery_line"
                    ),
                    models.Index(fields=["received_at"], name="delivery_received"),
                ],
                "constraints": [models.UniqueConstraint(fields=("key",), name="delivery_once")],
            },
        ),
    ]
