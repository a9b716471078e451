from django.db import migrations, models

import apps.core.ids


def name_them(apps_then, schema_editor):
    """Each skill that is there gets an identifier of its own."""
    from apps.core.ids import uuid7

    skill_model = apps_then.get_model("operators", "Skill")
    for skill in skill_model.objects.all():
        skill.public_id = uuid7()
        skill.save(update_fields=["public_id"])


class Migration(migrations.Migration):
    dependencies = [("operators", "0003_begin_presence_history")]

    operations = [
        migrations.AddField(
            model_name="skill",
            name="public_id",
            field=models.UUIDField(default=apps.core.ids.uuid7, editable=False, null=True, verbose_name="identifier"),
        ),
        migrations.RunPython(name_them, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="skill",
            name="public_id",
            field=models.UUIDField(default=apps.core.ids.uuid7, editable=False, unique=True, verbose_name="identifier"),
        ),
    ]
