from django.db import migrations


def make_first_client(apps, schema_editor):
    """Everything belongs to a client, so a new house has one."""
    Client = apps.get_model("clients", "Client")
    if not Client.objects.exists():
        Client.objects.create(name="Main", slug="main")


class Migration(migrations.Migration):
    dependencies = [("clients", "0001_initial")]

    operations = [migrations.RunPython(make_first_client, migrations.RunPython.noop)]
