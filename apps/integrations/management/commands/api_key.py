from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core import clock
from apps.core.models import User
from apps.integrations import services


class Command(BaseCommand):
    help = "Make an API key and print it, once. A program that sends it acts as the user."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the key is for")
        parser.add_argument("--user", required=True, help="whose rights it has (user name)")
        parser.add_argument("--days", type=int, help="after how many days it ends; never when left out")

    def handle(self, *, name: str, user: str, days: int | None, **options) -> None:
        owner = User.objects.filter(username=user, is_active=True).first()
        if owner is None:
            raise CommandError(f"There is no active user {user}. `manage.py createsuperuser` or the admin makes one.")
        if days is not None and days < 1:
            raise CommandError("--days is at least 1.")
        expires_at = clock.now() + timedelta(days=days) if days else None
        _key, secret = services.make_key(name, owner, expires_at=expires_at)
        self.stdout.write(secret)
