import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0002_first_client"),
        ("hours", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PublicHoliday",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                (
                    "treatment",
                    models.CharField(
                        choices=[("closed", "closed"), ("work", "we work on this day"), ("hours", "other hours")],
                        default="closed",
                        max_length=8,
                    ),
                ),
                ("opens", models.TimeField(blank=True, null=True)),
                ("closes", models.TimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.AlterModelOptions(
            name="holiday",
            options={"ordering": ["date"], "verbose_name": "exception"},
        ),
        migrations.AddField(
            model_name="holiday",
            name="last_date",
            field=models.DateField(
                blank=True, help_text="The last day; empty: one day only.", null=True, verbose_name="to"
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="closed_message",
            field=models.CharField(
                blank=True,
                help_text="Spoken to who calls when it is closed, before the call goes on. Empty: nothing is said.",
                max_length=600,
                verbose_name="callers then hear",
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="closed_until",
            field=models.DateTimeField(
                blank=True,
                help_text="Then the hours rule again by themselves. Empty: until you open.",
                null=True,
                verbose_name="until",
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="closing_announcement",
            field=models.CharField(
                blank=True,
                help_text="Spoken while closed by hand, instead of the usual message: “Our office is closed today because ...”",
                max_length=600,
                verbose_name="announcement",
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="country",
            field=models.CharField(
                blank=True, help_text="Closed on the public holidays of this country. Empty: on none.", max_length=2
            ),
        ),
        migrations.AddField(
            model_name="schedule",
            name="region",
            field=models.CharField(
                blank=True, help_text="Adds the holidays of this part of the country.", max_length=20
            ),
        ),
        migrations.AlterField(
            model_name="holiday",
            name="date",
            field=models.DateField(verbose_name="from"),
        ),
        migrations.AddConstraint(
            model_name="holiday",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_date__isnull", True), ("last_date__gte", models.F("date")), _connector="OR"),
                name="holiday_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("region", ""), models.Q(("country", ""), _negated=True), _connector="OR"),
                name="schedule_region_has_a_country",
            ),
        ),
        migrations.AddConstraint(
            model_name="schedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("closed_now", True), ("closed_until__isnull", True), _connector="OR"),
                name="schedule_opens_again_only_when_closed",
            ),
        ),
        migrations.AddField(
            model_name="publicholiday",
            name="schedule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="public_holidays", to="hours.schedule"
            ),
        ),
        migrations.AddConstraint(
            model_name="publicholiday",
            constraint=models.UniqueConstraint(fields=("schedule", "name"), name="public_holiday_once_per_schedule"),
        ),
        migrations.AddConstraint(
            model_name="publicholiday",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closes__gt", models.F("opens")), ("treatment", "hours")),
                    models.Q(
                        models.Q(("treatment", "hours"), _negated=True),
                        ("closes__isnull", True),
                        ("opens__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="public_holiday_has_hours_when_it_says_so",
            ),
        ),
    ]
