from django.db import migrations


def name_previews(apps, schema_editor):
    """Operators who looked at a contact were noted as in a call from the desk."""
    apps.get_model("operators", "Engagement").objects.filter(preview__isnull=False).update(purpose="preview")


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0003_previews_and_bots"), ("operators", "0011_previews_hold_operators")]

    operations = [migrations.RunPython(name_previews, migrations.RunPython.noop)]
