from apps.core.events import declare

declare("notify.warned", "Needs attention: {text}", ["text", "times"])
declare("notify.resolved", "Put right: {text}", ["text", "times"])
