from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("queues", "0007_alerts_on_the_board")]

    operations = [
        migrations.AddIndex(
            model_name="queueentry",
            index=models.Index(
                condition=models.Q(("status", "waiting")),
                fields=["-front", "-priority", "place_at", "id"],
                name="entry_in_turn",
            ),
        ),
    ]
