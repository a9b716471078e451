import django.db.models.deletion
from django.db import migrations, models

SUBJECTS = [
    ("number", "the number called"),
    ("caller", "the caller's number"),
    ("caller_prefix", "the beginning of the caller's number"),
    ("country", "the caller's country"),
    ("known_caller", "the caller is known"),
    ("caller_tag", "the caller's tags"),
    ("caller_list", "the caller's lists"),
    ("language", "the language"),
    ("called_before", "the caller has called before"),
    ("since_last_call", "minutes since the caller's last call"),
    ("open", "opening hours"),
    ("holiday", "holidays"),
    ("digits", "the keys pressed in menus"),
    ("digits_prefix", "the first keys pressed in menus"),
    ("queue_waiting", "callers waiting in a queue"),
    ("queue_longest_wait", "longest wait in a queue"),
    ("queue_free", "free operators of a queue"),
    ("skill_available", "free operators with a skill"),
]


class Migration(migrations.Migration):
    """Apart from the moving of the rows: PostgreSQL alters no table whose rows have changes pending."""

    dependencies = [("routing", "0002_groups_fallback")]

    operations = [
        migrations.RemoveField("condition", "rule"),
        migrations.AlterField(
            "condition",
            "group",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="conditions", to="routing.conditiongroup"
            ),
        ),
        migrations.AddField(
            "condition",
            "number",
            models.PositiveIntegerField(
                blank=True,
                help_text="What is counted is compared with it: callers, operators, minutes, seconds.",
                null=True,
            ),
        ),
        migrations.AlterField(
            "condition",
            "negated",
            models.BooleanField(
                default=False,
                help_text="Must not hold; of what is counted: less than the number instead of at least.",
                verbose_name="not",
            ),
        ),
        migrations.AlterField("condition", "subject", models.CharField(choices=SUBJECTS, max_length=24)),
        migrations.AlterField(
            "condition",
            "value",
            models.CharField(
                blank=True,
                help_text="A number, a prefix, a country, or the name of a tag, list, schedule, queue or skill.",
                max_length=160,
            ),
        ),
        migrations.AddIndex("decision", models.Index(fields=["at"], name="decision_at")),
    ]
