from apps.core.events import declare

declare(
    "carrier.number_added",
    "The number {number} ({label}) was added; its calls go to {destination}.",
    ["number", "label", "destination"],
)
declare("carrier.number_changed", "The number {number} ({label}) was changed: {what}.", ["number", "label", "what"])
declare("carrier.number_removed", "The number {number} ({label}) was removed.", ["number", "label"])
declare(
    "carrier.number_set_up", "The carrier was told where calls to {number} ({label}) are answered.", ["number", "label"]
)
declare(
    "carrier.number_failed",
    "The carrier could not be told where calls to {number} ({label}) are answered: {sentence}",
    ["number", "label", "sentence"],
)
