import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hours", "0002_holidays_by_country"),
        ("operators", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PresenceSpan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "presence",
                    models.CharField(
                        choices=[("offline", "offline"), ("available", "available"), ("on_break", "on a break")],
                        max_length=12,
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-since", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="operator",
            name="shift",
            field=models.ForeignKey(
                blank=True,
                help_text="When this operator is planned to work; adherence is measured against it. Leave breaks as gaps.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="hours.schedule",
            ),
        ),
        migrations.AddIndex(
            model_name="engagement",
            index=models.Index(fields=["operator", "since"], name="engagement_operator_since"),
        ),
        migrations.AddField(
            model_name="presencespan",
            name="break_reason",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="operators.breakreason",
            ),
        ),
        migrations.AddField(
            model_name="presencespan",
            name="operator",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="presence_spans", to="operators.operator"
            ),
        ),
        migrations.AddIndex(
            model_name="presencespan",
            index=models.Index(fields=["operator", "since"], name="presence_operator_since"),
        ),
        migrations.AddConstraint(
            model_name="presencespan",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until__isnull", True)), fields=("operator",), name="one_open_presence_per_operator"
            ),
        ),
        migrations.AddConstraint(
            model_name="presencespan",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"),
                name="presence_ends_after_it_began",
            ),
        ),
        migrations.AddConstraint(
            model_name="presencespan",
            constraint=models.CheckConstraint(
                condition=models.Q(("presence__in", ["offline", "available", "on_break"])), name="presence_span_known"
            ),
        ),
    ]
