/** The graph of a job while it is being described. */

import type { Edge, EdgeKind, Graph, Node } from './types';

/** A node's number. */
export type NodeId = number;

export class JobGraph {
  readonly #nodes: Node[] = [];
  readonly #edges: Edge[] = [];

  add(node: Node, parents: Partial<Record<EdgeKind, NodeId>> = {}): NodeId {
    const to = this.#nodes.push(node) - 1;
    for (const kind of ['input', 'canvas'] as const) {
      const from = parents[kind];
      if (from !== undefined) this.#edges.push({ from, to, kind });
    }
    return to;
  }

  toJSON(): Graph {
    return { nodes: Object.fromEntries(this.#nodes.entries()), edges: [...this.#edges] };
  }
}
