from django.db import models


class Hit(models.Model):
    """The one row that a request leaves."""

    at = models.DateTimeField(auto_now_add=True)
    path = models.CharField(max_length=400)
    call_sid = models.CharField(max_length=34)
    params = models.JSONField(default=dict)

    class Meta:
        app_label = "stock"

    def __str__(self) -> str:
        return self.path
