from apps.core.events import declare

declare("switchboard.sent", "The call goes to {destination}.", ["destination"])
declare("switchboard.passed_on", "{queue} passes the call on: {why}", ["queue", "why"])
declare("switchboard.stranded", "The call leads nowhere: {why}", ["why"])
declare(
    "switchboard.operator_lost", "The line of {operator} was lost; the customer goes back to the front.", ["operator"]
)
declare("switchboard.customer_gone", "The customer was gone when {operator} answered.", ["operator"])
declare("switchboard.number_refused", "We cannot promise that callback: {why}", ["why"])
declare("switchboard.closed", "{queue} has closed; the caller is passed on.", ["queue"])
declare("switchboard.rescued", "The carrier met an error (code {code}); the caller hears an apology.", ["code"])
declare("switchboard.transfer_begun", "{by} brings in {to}, {how}.", ["by", "to", "how"])
declare("switchboard.transfer_changed", "{to}: {status}. {note}", ["to", "status", "note"])
declare("switchboard.taken_over", "{operator} leads the conversation now.", ["operator"])
declare("switchboard.left", "{operator} leaves the call; the others talk on.", ["operator"])
declare("switchboard.removed", "{by} takes {party} out of the call.", ["by", "party"])
declare("switchboard.brought_back", "The customer comes back: {where}.", ["where"])
declare("switchboard.supervised", "{by} {how}.", ["by", "how"])
