// One node of the drawing, with a dot for each way out.
import { Handle, Position } from "@xyflow/react";

export const MARKS = {
  menu: "▦", say: "❝", collect: "#", rating: "★", hours: "◷", caller: "☺", set: "=", branch: "⑂", lookup: "⌕", record: "●", sms: "✉", send: "➜",
  hangup: "✕",
};

export function MenuNode({ data, selected }) {
  const { kind, node, id, exits, words, faults, start, lit, heat, mayChange } = data;
  const worst = faults.find((one) => one.level !== "hint") ?? faults[0];
  return (
    <div className={`mb-node${selected ? " is-selected" : ""}${lit.has(id) ? " is-lit" : ""}`} data-level={worst?.level} data-kind={kind.name}>
      <Handle type="target" position={Position.Left} isConnectable={mayChange} />
      <header>
        <span className="mb-mark" aria-hidden="true">{MARKS[kind.name]}</span>
        <span className="mb-names"><b>{node.name || id}</b><small>{kind.label}</small></span>
        {start && <span className="mb-start">start</span>}
      </header>
      {heat && (
        <p className="mb-heat">{heat.calls}× · {heat.seconds} s{heat.hung_up > 0 && <b> · {heat.hung_up} hung up</b>}</p>
      )}
      {heat?.rating != null && <Ratings heat={heat} />}
      {words && <p className="mb-words">{words}</p>}
      {worst && <p className="mb-fault" title={faults.map((one) => one.text).join("\n")}>{worst.text}{faults.length > 1 && ` (+${faults.length - 1})`}</p>}
      {exits.length > 0 && (
        <ul className="mb-exits">
          {exits.map((exit) => (
            <li key={exit.id} className={exit.to ? "" : exit.optional ? "is-optional" : "is-open"}>
              <span>{exit.label}</span>
              <Handle type="source" position={Position.Right} id={exit.id} isConnectable={mayChange} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

// How callers rated: the mean, and a bar for each answer.
function Ratings({ heat }) {
  const rows = Object.entries(heat.ratings);
  const all = rows.reduce((sum, [, calls]) => sum + calls, 0);
  return (
    <div className="mb-ratings">
      <p><b>★ {heat.rating.toFixed(1)}</b> · {all} {all === 1 ? "answer" : "answers"}</p>
      {rows.map(([key, calls]) => <p key={key}><span>{key}</span><meter min="0" max={all} value={calls}>{calls}</meter><span>{calls}</span></p>)}
    </div>
  );
}
