from apps.core.events import declare

declare("routing.decided", "{sentence}", ["sentence", "rule", "destination"])
declare("routing.rule_made", "The rule “{rule}” was made. When {what}.", ["rule", "what"])
declare("routing.rule_changed", "The rule “{rule}” was changed. {what}.", ["rule", "what"])
declare("routing.rule_removed", "The rule “{rule}” was removed.", ["rule"])
declare("routing.rules_ordered", "The rules are tried in another order: {order}.", ["order"])
