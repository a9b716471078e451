from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0005_filing_a_call"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="call",
            options={
                "ordering": ["-started_at", "-pk"],
                "permissions": [
                    ("control_call", "Can control a live call"),
                    ("place_call", "Can place a call"),
                    ("monitor_call", "Can listen to a live call"),
                    ("join_call", "Can whisper in a live call, come into it and take it over"),
                ],
            },
        ),
    ]
