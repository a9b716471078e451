"""The menus that take calls become version 1; calls that are in one of them go on where they stand."""

from django.db import migrations
from django.urls import reverse


def _prompt(prompt, sounds):
    if prompt is None:
        return None
    extension = prompt.audio.name.rpartition(".")[2] if prompt.audio else ""
    audio = reverse("ivr:audio", args=[prompt.public_id, prompt.audio_digest, extension]) if extension else ""
    sounds.setdefault(prompt.name, {})[prompt.language] = {"text": prompt.text, "audio": audio}
    return {"prompt": prompt.name, "language": prompt.language}


def _send(destination, instead, nodes):
    instead = None if instead is None or instead.pk == destination.pk else instead
    node = f"to-{destination.pk}" + (f"-{instead.pk}" if instead else "")
    if node not in nodes:
        place = {"id": str(destination.public_id), "kind": destination.kind, "label": destination.label}
        nodes[node] = {
            "kind": "send",
            "name": destination.label[:80],
            "destination": place,
            "unavailable": _send(instead, None, nodes) if instead else None,
        }
    return node


def _document(flow):
    nodes, sounds = {}, {}
    for menu in flow.menus.all():
        options = {}
        for option in menu.options.all():
            there = f"menu-{option.next_menu_id}" if option.next_menu_id else None
            leads = there or _send(option.destination, menu.otherwise, nodes)
            options[option.key] = {"label": option.label, "to": leads}
        nodes[f"menu-{menu.pk}"] = {
            "kind": "menu",
            "name": menu.name[:80],
            "prompt": _prompt(menu.prompt, sounds),
            "options": options,
            "timeout_seconds": menu.timeout_seconds,
            "tries": menu.tries,
            "silence_prompt": _prompt(menu.silence_prompt, sounds),
            "invalid_prompt": _prompt(menu.invalid_prompt, sounds),
            "otherwise": _send(menu.otherwise, None, nodes) if menu.otherwise else None,
        }
    start = f"menu-{flow.start_id}"
    if flow.greeting is not None:
        greeting = _prompt(flow.greeting, sounds)
        nodes["greeting"] = {"kind": "say", "name": "Greeting", "prompt": greeting, "next": start}
        start = "greeting"
    return {"format": 1, "languages": [flow.client.language], "start": start, "nodes": nodes}, sounds


def publish(apps, schema_editor):
    Flow, Version, Visit = (apps.get_model("ivr", name) for name in ("Flow", "FlowVersion", "Visit"))
    for flow in Flow.objects.filter(active=True, start__isnull=False):
        document, sounds = _document(flow)
        flow.version = Version.objects.create(flow=flow, number=1, document=document, sounds=sounds)
        flow.save(update_fields=["version"])
    for visit in Visit.objects.select_related("flow").iterator():
        visit.path = [
            {"node": "", "name": step.pop("menu", ""), "kind": "menu", "edge": "", **step} for step in visit.path
        ]
        if visit.ended_at is None and visit.menu_id:
            visit.version, visit.node = visit.flow.version, f"menu-{visit.menu_id}"
        visit.save(update_fields=["path", "version", "node"])


class Migration(migrations.Migration):
    dependencies = [("ivr", "0002_versions")]
    operations = [migrations.RunPython(publish, migrations.RunPython.noop, elidable=True)]
