// The graph: nodes to drag, dots to connect. The document is the truth; this only shows it and reports what was done.
import { Background, Controls, MarkerType, MiniMap, ReactFlow, ReactFlowProvider, applyNodeChanges, useReactFlow } from "@xyflow/react";
import { useEffect, useMemo, useState } from "react";
import { exitsOf, summary, withExit, withNode } from "./model.js";
import { MenuNode } from "./node.jsx";

const TYPES = { menu: MenuNode };
const none = [];

// A way that many took is wide, and says how many.
function heatOf(heat, edge) {
  const calls = heat?.edges[edge];
  if (!calls) return {};
  return { label: String(calls), style: { strokeWidth: 2 + 10 * (calls / Math.max(...Object.values(heat.edges))) } };
}

export const Drawing = (props) => <ReactFlowProvider><Graph {...props} /></ReactFlowProvider>;

function Graph({ doc, data, kinds, faultsOf, selected, select, change, removeNodes, lit, heat, fit }) {
  const { mayChange } = data;
  const { fitView } = useReactFlow();
  const wanted = useMemo(() => Object.entries(doc.nodes).map(([id, node]) => {
    const kind = kinds[node.kind];
    return {
      id, type: "menu", position: { x: node.at?.[0] ?? 0, y: node.at?.[1] ?? 0 }, selected: id === selected,
      ariaLabel: `${kind.label}: ${node.name || id}`,
      data: { id, node, kind, exits: exitsOf(kind, node), words: summary(kind, node, data), faults: faultsOf.get(id) ?? none, start: doc.start === id, lit: lit.nodes, heat: heat?.nodes[id], mayChange },
    };
  }), [doc, faultsOf, selected, lit, heat, kinds, data, mayChange]);
  const [nodes, setNodes] = useState(wanted);
  useEffect(() => {
    // What the drawing measured is kept: a node without it would vanish for a moment.
    setNodes((before) => {
      const known = new Map(before.map((node) => [node.id, node]));
      return wanted.map((node) => ({ ...known.get(node.id), ...node }));
    });
  }, [wanted]);
  useEffect(() => {
    const later = setTimeout(() => fitView({ padding: 0.15, maxZoom: 1, duration: 200 }), 60);
    return () => clearTimeout(later);
  }, [fit, fitView]);

  const edges = useMemo(() => Object.entries(doc.nodes).flatMap(([id, node]) =>
    exitsOf(kinds[node.kind], node).filter((exit) => exit.to in doc.nodes).map((exit) => ({
      id: `${id}/${exit.id}`, source: id, sourceHandle: exit.id, target: exit.to, type: "smoothstep",
      className: lit.edges.has(`${id}/${exit.id}`) ? "is-lit" : exit.optional ? "is-optional" : "",
      ...heatOf(heat, `${id}/${exit.id}`),
      markerEnd: { type: MarkerType.ArrowClosed, width: 20, height: 20, markerUnits: "userSpaceOnUse" }, ariaLabel: `${node.name || id}, ${exit.label}, leads to ${doc.nodes[exit.to].name || exit.to}`,
    }))), [doc, kinds, lit, heat]);

  function onNodesChange(changes) {
    setNodes((now) => applyNodeChanges(changes.filter((one) => one.type !== "remove"), now));
    const picked = changes.find((one) => one.type === "select" && one.selected);
    if (picked) select(picked.id);
    else if (changes.some((one) => one.type === "select" && one.id === selected && !one.selected)) select(null);
    const moved = changes.filter((one) => one.type === "position" && one.dragging === false && one.position);
    if (moved.length && mayChange) {
      change((now) => moved.reduce((next, { id, position }) => {
        const at = [Math.round(position.x), Math.round(position.y)];
        const node = next.nodes[id];
        return !node || (node.at && node.at[0] === at[0] && node.at[1] === at[1]) ? next : withNode(next, id, { ...node, at });
      }, now));
    }
  }
  const connect = ({ source, sourceHandle, target }) => change((now) => withExit(now, source, sourceHandle, target));

  return (
    <div className="card mb-drawing" role="region" aria-label="Drawing">
      <ReactFlow
        nodes={nodes} edges={edges} nodeTypes={TYPES} onNodesChange={onNodesChange} onConnect={connect}
        onReconnect={(old, made) => change((now) => {
          const cut = old.source === made.source && old.sourceHandle === made.sourceHandle ? now : withExit(now, old.source, old.sourceHandle, null);
          return withExit(cut, made.source, made.sourceHandle, made.target);
        })}
        onNodesDelete={(gone) => removeNodes(gone.map((node) => node.id))}
        onEdgesDelete={(gone) => change((now) => gone.reduce((next, edge) => withExit(next, edge.source, edge.sourceHandle, null), now))}
        nodesDraggable={mayChange} nodesConnectable={mayChange} edgesReconnectable={mayChange}
        deleteKeyCode={mayChange ? ["Delete", "Backspace"] : null} minZoom={0.15} fitView snapToGrid snapGrid={[10, 10]}
      >
        <Background gap={20} />
        <Controls showInteractive={false} />
        {nodes.length > 12 && <MiniMap pannable zoomable className="mb-map" ariaLabel="Overview" />}
      </ReactFlow>
    </div>
  );
}
