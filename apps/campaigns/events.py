from apps.core.events import declare

declare("campaigns.made", "The campaign {campaign} was made.", ["campaign"])
declare("campaigns.changed", "The campaign {campaign} was changed: {what}.", ["campaign", "what"])
declare("campaigns.started", "The campaign {campaign} was started.", ["campaign"])
declare("campaigns.paused", "The campaign {campaign} was paused.", ["campaign", "why"])
declare("campaigns.resumed", "The campaign {campaign} goes on.", ["campaign"])
declare("campaigns.cancelled", "The campaign {campaign} was cancelled.", ["campaign"])
declare("campaigns.completed", "The campaign {campaign} is through with its contacts.", ["campaign"])
declare("campaigns.taken_over", "{owner} dials for {campaign} now (fence {fence}).", ["campaign", "owner", "fence"])
declare("campaigns.previewed", "{operator} looks at {contact} of {campaign}.", ["campaign", "operator", "contact"])
declare("campaigns.reserved", "{campaign} calls {contact}, try {n}.", ["campaign", "contact", "n"])
declare("campaigns.ended", "Try {n} of {campaign} ended: {outcome}.", ["campaign", "n", "outcome", "next"])
declare("campaigns.abandoned", "Nobody was free for the contact of {campaign} in time.", ["campaign"])
declare("campaigns.machine", "A machine answered ({said}); {action}.", ["said", "action"])
declare("campaigns.promised", "{campaign} calls {contact} again at {due}.", ["campaign", "contact", "due"])
declare("campaigns.not_to_be_called", "{number} is on the do-not-call list: {source}.", ["number", "source"])
declare(
    "campaigns.register_taken_in",
    "{file} was taken into the do-not-call list ({source}): {added} added, {known} known, {refused} refused.",
    ["file", "source", "added", "known", "refused"],
)
declare("campaigns.import_began", "{file} is being imported into {list}.", ["file", "list"])
declare(
    "campaigns.imported",
    "{file} was imported into {list}: {added} added, {updated} updated, {refused} refused.",
    ["file", "list", "added", "updated", "skipped", "refused"],
)
declare("campaigns.import_failed", "The import of {file} into {list} ended: {why}", ["file", "list", "why"])
