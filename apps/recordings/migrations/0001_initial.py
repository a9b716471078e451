import django.db.models.deletion
from django.db import migrations, models

import apps.core.clock
import apps.core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("calls", "0001_initial"),
        ("clients", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Recording",
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
                            ("asked", "asked for"),
                            ("recording", "recording"),
                            ("paused", "paused"),
                            ("ready", "to be fetched"),
                            ("stored", "stored"),
                            ("absent", "nothing recorded"),
                            ("failed", "failed"),
                        ],
                        default="asked",
                        max_length=12,
                    ),
                ),
                (
                    "sid",
                    models.CharField(blank=True, max_length=34, null=True, unique=True, verbose_name="carrier's id"),
                ),
                ("file", models.FileField(blank=True, max_length=200, upload_to="recordings/")),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("size_bytes", models.PositiveBigIntegerField(default=0)),
                ("channels", models.PositiveSmallIntegerField(default=2)),
                ("duration_seconds", models.PositiveIntegerField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(blank=True, help_text="When to try to fetch it again.", null=True)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("started_at", models.DateTimeField(default=apps.core.clock.now)),
                ("stored_at", models.DateTimeField(blank=True, null=True)),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="recordings", to="calls.call"
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="recordings", to="clients.client"
                    ),
                ),
                (
                    "leg",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="recordings", to="calls.leg"
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at"],
                "permissions": [("play_recording", "Can listen to a recording")],
                "indexes": [
                    models.Index(condition=models.Q(("status", "ready")), fields=["due_at"], name="recording_to_fetch")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["asked", "recording", "paused"])),
                        fields=("leg",),
                        name="one_running_recording_per_leg",
                    )
                ],
            },
        ),
    ]
