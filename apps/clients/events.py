from apps.core.events import declare

declare("clients.added", "The client {client} was added.", ["client"])
declare("clients.changed", "The client {client} was changed: {what}.", ["client", "what"])
