// Who hears the operator at this moment, in words: one end of the line is not always a customer.

export function listener(call) {
  const others = call?.parties?.filter((row) => row.here && !row.mine && row.role !== "supervisor") ?? [];
  const under = call?.transfer;
  if (call?.inside) return call.name;
  // While two consult, the customer hears music.
  if (under?.status === "consulting" && under.mine) return under.target;
  if (under?.status === "consulting" && under.asked) return under.by;
  return others.length > 1 ? "everybody" : "the customer";
}
