import type { Explorer } from '../../../src/model/explorer/explorer.ts';
import { fromText } from '../../../src/model/explorer/interned.ts';
import type { LocalNode } from '../../../src/model/explorer/local-node.ts';
import { Packing, type Widths } from '../../../src/model/explorer/packing.ts';
import { renamedHistory, renamedMessage, renamedNode } from '../../../src/model/explorer/rename.ts';
import { type Permutation, permutationsOf, renamingOf } from '../../../src/model/explorer/symmetry.ts';
import type { History } from '../../../src/properties/history.ts';
import type { Message } from '../../../src/raft/messages.ts';

/** All states that an explorer has found, each as the text that is least under all renamings; by brute force. */
export const leastStates = (explorer: Explorer): ReadonlySet<string> => {
  const { header, arrays } = explorer.save();
  const saved = header as { nodes: string[]; messages: string[]; histories: string[]; widths: Widths };
  const { nodes, messages } = explorer.options;
  const packing = new Packing(nodes, messages, saved.widths);
  const fields = new Int32Array(nodes + 2 + messages);
  const least = new Set<string>();
  const words = arrays.states as Uint32Array;
  const permutations = permutationsOf(nodes);
  for (let at = 0; at < words.length; at += packing.words + 1) {
    packing.unpack(words.subarray(at, at + packing.words), fields);
    const state = {
      nodes: [...fields.subarray(0, nodes)].map((id) => fromText<LocalNode>(saved.nodes[id]!)),
      history: fromText<History>(saved.histories[fields[nodes]!]!),
      crashes: fields[nodes + 1]!,
      messages: [...fields.subarray(nodes + 2)]
        .filter((id) => id > 0)
        .map((id) => fromText<Message>(saved.messages[id - 1]!)),
    };
    least.add(permutations.map((permutation) => imageText(state, permutation)).sort()[0]!);
  }
  return least;
};

interface ReadState {
  readonly nodes: readonly LocalNode[];
  readonly history: History;
  readonly crashes: number;
  readonly messages: readonly Message[];
}

const imageText = ({ nodes, history, crashes, messages }: ReadState, permutation: Permutation): string => {
  const to = renamingOf(permutation);
  const image = [
    nodes.map((node) => renamedNode(node, to)).sort((a, b) => a.context.id - b.context.id),
    renamedHistory(history, to),
    crashes,
    messages.map((message) => JSON.stringify(renamedMessage(message, to))).sort(),
  ];
  return JSON.stringify(image);
};
