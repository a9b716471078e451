"""One view: the official signature check, one INSERT, a small document."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from twilio.request_validator import RequestValidator

from .models import Hit

DOCUMENT = '<?xml version="1.0" encoding="UTF-8"?><Response><Say>Hello.</Say></Response>'


@csrf_exempt
def hook(request: HttpRequest) -> HttpResponse:
    url = request.build_absolute_uri()
    signature = request.headers.get("X-Twilio-Signature", "")
    if not RequestValidator(settings.CARRIER_TOKEN).validate(url, request.POST, signature):
        return HttpResponse(status=403)
    Hit.objects.create(path=request.path, call_sid=request.POST["CallSid"], params=request.POST.dict())
    return HttpResponse(DOCUMENT, content_type="text/xml")


urlpatterns = [path("hook", hook)]
