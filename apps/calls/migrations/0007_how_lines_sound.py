from decimal import Decimal

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0006_who_may_listen"),
        ("clients", "0002_first_client"),
    ]

    operations = [
        migrations.CreateModel(
            name="SoundBucket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(help_text="When the ten seconds began.")),
                ("samples", models.PositiveSmallIntegerField()),
                ("jitter_ms", models.FloatField()),
                ("round_trip_ms", models.FloatField()),
                ("loss_percent", models.FloatField()),
                ("mos", models.FloatField(verbose_name="score")),
                (
                    "complaint",
                    models.CharField(blank=True, help_text="What was worse than the limits of then.", max_length=120),
                ),
                (
                    "leg",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sound", to="calls.leg"
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
                "constraints": [models.UniqueConstraint(fields=("leg", "at"), name="sound_once_per_ten_seconds")],
            },
        ),
        migrations.CreateModel(
            name="SoundLimits",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "mos",
                    models.DecimalField(
                        decimal_places=1,
                        default=Decimal("3.5"),
                        help_text="The mean opinion score (MOS): 4 and more is good, below 3.5 people complain. 1 never warns.",
                        max_digits=2,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="score at least",
                    ),
                ),
                (
                    "loss_percent",
                    models.PositiveSmallIntegerField(
                        default=3,
                        help_text="0 never warns.",
                        validators=[django.core.validators.MaxValueValidator(100)],
                        verbose_name="lost at most (%)",
                    ),
                ),
                (
                    "jitter_ms",
                    models.PositiveSmallIntegerField(
                        default=40, help_text="0 never warns.", verbose_name="jitter at most (ms)"
                    ),
                ),
                (
                    "round_trip_ms",
                    models.PositiveSmallIntegerField(
                        default=400, help_text="0 never warns.", verbose_name="round trip at most (ms)"
                    ),
                ),
                (
                    "client",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="sound_limits", to="clients.client"
                    ),
                ),
            ],
            options={
                "verbose_name": "limits of sound",
                "verbose_name_plural": "limits of sound",
                "ordering": ["client__name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("mos__gte", 1), ("mos__lte", 5)), name="sound_score_in_range"
                    )
                ],
            },
        ),
    ]
