from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operators", "0005_parties_of_a_room"),
    ]

    operations = [
        migrations.AddField(
            model_name="operator",
            name="unreachable_why",
            field=models.CharField(blank=True, help_text="In words, for the desk and the board.", max_length=200),
        ),
    ]
