from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("operators", "0009_messages_to_operators")]

    operations = [
        migrations.AddIndex(
            model_name="operator",
            index=models.Index(
                fields=["idle_since"],
                name="operator_idle",
                condition=models.Q(("presence", "available")),
            ),
        ),
    ]
