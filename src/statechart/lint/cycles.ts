/** Longer circles are not looked for, nor more than a few of them. */
const maxLength = 6;
const maxVisits = 20_000;

/** The circles of a graph, each once, from its first node on; no node twice in one. */
export const cyclesOf = <Node>(
  nodes: readonly Node[],
  next: (node: Node) => readonly Node[],
): readonly (readonly Node[])[] => {
  const order = new Map(nodes.map((node, at) => [node, at]));
  const found: (readonly Node[])[] = [];
  let visits = 0;
  const visit = (path: readonly Node[]): void => {
    if (visits++ > maxVisits) return;
    const [first] = path;
    for (const node of next(path.at(-1)!)) {
      if (node === first) found.push(path);
      else if (path.length < maxLength && order.get(node)! > order.get(first!)! && !path.includes(node))
        visit([...path, node]);
    }
  };
  for (const node of nodes) visit([node]);
  return found;
};
