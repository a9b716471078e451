from apps.core.events import declare

declare("routing.decided", "{sentence}", ["sentence", "rule", "destination"])
