import django.db.models.deletion
from django.db import migrations, models

import apps.core.ids
import apps.core.numbers


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("clients", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Destination",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.UUIDField(
                        default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("label", models.CharField(max_length=160)),
                ("active", models.BooleanField(default=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="destinations", to="clients.client"
                    ),
                ),
            ],
            options={
                "ordering": ["kind", "label"],
            },
        ),
        migrations.CreateModel(
            name="Ending",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "message",
                    models.CharField(
                        blank=True, help_text="Spoken before the call ends; empty hangs up at once.", max_length=1000
                    ),
                ),
                (
                    "destination",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ending",
                        to="destinations.destination",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OutsideNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", apps.core.numbers.E164Field()),
                ("ring_seconds", models.PositiveSmallIntegerField(default=30)),
                (
                    "destination",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="outside_number",
                        to="destinations.destination",
                    ),
                ),
            ],
        ),
    ]
