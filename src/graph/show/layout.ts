// SPDX-License-Identifier: BSD-3-Clause

/** A drawing in layers, top to bottom: boxes with their centres, edges as points to draw a curve through. Lengths in pixels. */
export interface Layout<N extends Box> {
  width: number;
  height: number;
  boxes: (N & { x: number; y: number })[];
  edges: { from: string; to: string; points: { x: number; y: number }[] }[];
}

export interface Box {
  id: string;
  width: number;
  height: number;
}

interface Node {
  id: string;
  width: number;
  height: number;
  layer: number;
  x: number;
  up: Node[];
  down: Node[];
}

const gap = { x: 28, y: 44, bend: 10 };

/**
 * Layered drawing of a graph without cycles (K. Sugiyama, S. Tagawa, M. Toda, IEEE Trans. SMC 11, 1981): layers by longest path,
 * sources next to their first reader; edges over several layers get a bend in each; the order within layers by the mean place of
 * neighbours, swept up and down, the order with the fewest crossings kept; then places drawn towards their neighbours.
 */
export function layered<N extends Box>(boxes: readonly N[], edges: readonly { from: string; to: string }[]): Layout<N> {
  const nodes = new Map<string, Node>(
    boxes.map(({ id, width, height }) => [id, { id, width, height, layer: 0, x: 0, up: [], down: [] }]),
  );
  const pairs = edges.map(({ from, to }) => [nodes.get(from) as Node, nodes.get(to) as Node] as const);
  assignLayers([...nodes.values()], pairs);
  const chains = pairs.map(([from, to]) => chain(from, to));
  const layers: Node[][] = [];
  const seen = new Set<Node>();
  for (const node of [...nodes.values(), ...chains.flat()]) {
    if (seen.has(node)) continue;
    seen.add(node);
    (layers[node.layer] ??= []).push(node);
  }
  const ordered = orderLayers(layers);
  place(ordered);
  const left = Math.min(...ordered.flat().map((node) => node.x - node.width / 2));
  const tops: number[] = [];
  let height = gap.y / 2;
  for (const layer of ordered) {
    const tallest = Math.max(...layer.map((node) => node.height));
    tops.push(height + tallest / 2);
    height += tallest + gap.y;
  }
  const at = (node: Node) => ({ x: node.x - left + gap.x, y: tops[node.layer] });
  const right = Math.max(...ordered.flat().map((node) => at(node).x + node.width / 2));
  return {
    width: right + gap.x,
    height: height - gap.y / 2,
    boxes: boxes.map((box) => ({ ...box, ...at(nodes.get(box.id) as Node) })),
    edges: chains.map((list) => {
      const points = list.map((node, k) => {
        const { x, y } = at(node);
        const side = k === 0 ? node.height / 2 : k === list.length - 1 ? -node.height / 2 : 0;
        return { x, y: y + side };
      });
      return { from: list[0].id, to: list[list.length - 1].id, points };
    }),
  };
}

function assignLayers(nodes: readonly Node[], pairs: readonly (readonly [Node, Node])[]): void {
  const into = new Map<Node, Node[]>(nodes.map((node) => [node, []]));
  const out = new Map<Node, Node[]>(nodes.map((node) => [node, []]));
  for (const [from, to] of pairs) {
    into.get(to)?.push(from);
    out.get(from)?.push(to);
  }
  const done = new Set<Node>();
  const layer = (node: Node): number => {
    if (!done.has(node)) {
      done.add(node);
      node.layer = Math.max(0, ...(into.get(node) as Node[]).map((other) => layer(other) + 1));
    }
    return node.layer;
  };
  for (const node of nodes) layer(node);
  for (const node of nodes)
    if (into.get(node)?.length === 0 && out.get(node)?.length !== 0)
      node.layer = Math.max(0, Math.min(...(out.get(node) as Node[]).map((other) => other.layer)) - 1);
}

/** The nodes of an edge with a bend in each layer between. */
function chain(from: Node, to: Node): Node[] {
  const list = [from];
  for (let layer = from.layer + 1; layer < to.layer; layer++)
    list.push({ id: '', width: gap.bend, height: 0, layer, x: 0, up: [], down: [] });
  list.push(to);
  for (let k = 1; k < list.length; k++) {
    list[k - 1].down.push(list[k]);
    list[k].up.push(list[k - 1]);
  }
  return list;
}

function orderLayers(given: Node[][]): Node[][] {
  let layers = given.map((layer) => [...layer]);
  let best = layers;
  let fewest = crossings(layers);
  for (let sweep = 0; sweep < 24 && fewest > 0; sweep++) {
    const downwards = sweep % 2 === 0;
    const places = new Map<Node, number>();
    const remember = (layer: readonly Node[]): void => {
      for (const [k, node] of layer.entries()) places.set(node, k);
    };
    for (const layer of layers) remember(layer);
    layers = layers.map((layer) => [...layer]);
    const order = [...layers.keys()];
    if (!downwards) order.reverse();
    for (const l of order) {
      const mean = new Map(
        layers[l].map((node, k) => {
          const near = downwards ? node.up : node.down;
          const total = near.reduce((sum, other) => sum + (places.get(other) as number), 0);
          return [node, near.length === 0 ? k : total / near.length];
        }),
      );
      layers[l].sort((a, b) => (mean.get(a) as number) - (mean.get(b) as number));
      remember(layers[l]);
    }
    const count = crossings(layers);
    if (count < fewest) [best, fewest] = [layers, count];
  }
  return best;
}

function crossings(layers: readonly (readonly Node[])[]): number {
  let count = 0;
  for (let l = 0; l + 1 < layers.length; l++) {
    const below = new Map(layers[l + 1].map((node, k) => [node, k]));
    const ends = layers[l].flatMap((node) =>
      node.down.map((other) => below.get(other) as number).sort((a, b) => a - b),
    );
    for (let i = 0; i < ends.length; i++) for (let j = i + 1; j < ends.length; j++) if (ends[i] > ends[j]) count++;
  }
  return count;
}

/** Moves nodes towards the mean of their neighbours while keeping the order and the gaps. */
function place(layers: readonly (readonly Node[])[]): void {
  for (const layer of layers)
    settle(
      layer,
      layer.map(() => 0),
    );
  for (let sweep = 0; sweep < 40; sweep++) {
    const order = [...layers];
    if (sweep % 2 === 1) order.reverse();
    for (const layer of order) {
      const wanted = layer.map((node) => {
        const near = sweep < 30 ? (sweep % 2 === 0 ? node.up : node.down) : [...node.up, ...node.down];
        if (near.length === 0) return node.x;
        return near.reduce((sum, other) => sum + other.x, 0) / near.length;
      });
      settle(layer, wanted);
    }
  }
}

/** Places nearest to the wanted ones in the sense of least squares: neighbours that collide move as one block. */
function settle(layer: readonly Node[], wanted: readonly number[]): void {
  const blocks: { first: number; sum: number; count: number }[] = [];
  const offset: number[] = [];
  let run = 0;
  for (const [k, node] of layer.entries()) {
    if (k > 0) run += layer[k - 1].width / 2 + gap.x + node.width / 2;
    offset.push(run);
    blocks.push({ first: k, sum: wanted[k] - run, count: 1 });
    while (blocks.length > 1) {
      const [before, last] = blocks.slice(-2);
      if (before.sum / before.count <= last.sum / last.count) break;
      blocks.splice(-2, 2, { first: before.first, sum: before.sum + last.sum, count: before.count + last.count });
    }
  }
  for (const { first, sum, count } of blocks)
    for (let k = first; k < first + count; k++) layer[k].x = sum / count + offset[k];
}
