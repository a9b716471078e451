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
