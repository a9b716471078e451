from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0002_first_client"),
        ("operators", "0007_help_and_favourites"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="team",
            name="listening",
            field=models.CharField(
                choices=[
                    ("seen", "supervisors may, and the operator sees who does"),
                    ("unseen", "supervisors may, and only they see who does"),
                    ("nobody", "nobody may; who comes in is heard by all"),
                ],
                default="seen",
                help_text="Who may listen to conversations of this team, and whisper in them. See to what the law asks for.",
                max_length=8,
                verbose_name="listening in",
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(("listening__in", ["seen", "unseen", "nobody"])), name="team_listening_known"
            ),
        ),
    ]
