import django.db.models.deletion
from django.db import migrations, models

MATCH = [("all", "all"), ("any", "any")]


def gather(apps, schema_editor):
    """What stood at a rule, all of which had to hold, becomes its one group."""
    condition, group = apps.get_model("routing", "Condition"), apps.get_model("routing", "ConditionGroup")
    for rule_id in condition.objects.order_by("rule").values_list("rule", flat=True).distinct():
        made = group.objects.create(rule_id=rule_id)
        condition.objects.filter(rule=rule_id).update(group=made)


def spread(apps, schema_editor):
    """Back to conditions at the rule. What a group said beyond "all of them" is lost."""
    for condition in apps.get_model("routing", "Condition").objects.select_related("group"):
        condition.rule_id = condition.group.rule_id
        condition.save(update_fields=["rule"])


def add_destinations(apps, schema_editor):
    """The rules of a client are a destination of their own: voice menus send callers there."""
    destination, rule = apps.get_model("destinations", "Destination"), apps.get_model("routing", "Rule")
    for client_id in rule.objects.order_by("client").values_list("client", flat=True).distinct():
        destination.objects.get_or_create(client_id=client_id, kind="rules", defaults={"label": "Routing rules"})


class Migration(migrations.Migration):
    dependencies = [
        ("destinations", "0001_initial"),
        ("routing", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            "rule",
            "match",
            models.CharField(choices=MATCH, default="all", max_length=3, verbose_name="groups that must hold"),
        ),
        migrations.AlterField("rule", "active", models.BooleanField(default=True, verbose_name="on")),
        migrations.AddField(
            "rule",
            "fallback",
            models.ForeignKey(
                blank=True,
                help_text="Where the call goes while the destination is switched off, or is a queue that is full, "
                "closed or unstaffed.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="destinations.destination",
            ),
        ),
        migrations.CreateModel(
            "ConditionGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("match", models.CharField(choices=MATCH, default="all", max_length=3)),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="groups", to="routing.rule"
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.AddField(
            "condition",
            "group",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="conditions",
                to="routing.conditiongroup",
            ),
        ),
        # Nullable on the way, so that the way back has somewhere to put the rows.
        migrations.AlterField(
            "condition",
            "rule",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="routing.rule"
            ),
        ),
        migrations.RunPython(gather, spread),
        migrations.RunPython(add_destinations, migrations.RunPython.noop),
    ]
