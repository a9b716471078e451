from apps.campaigns import admin_imports  # noqa: F401 - registers itself
