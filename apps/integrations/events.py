from apps.core.events import declare

declare("integrations.key_made", "The API key {key_name} was made for {user}.", ["key_name", "user"])
declare("integrations.key_revoked", "The API key {key_name} of {user} was revoked.", ["key_name", "user"])
