import type { Message } from '../../../src/raft/messages.ts';
import { sizeOf } from '../../../src/verify/explore/cluster-event.ts';
import type { Exploration } from '../../../src/verify/explore/exploration.ts';
import type { Explorer } from '../../../src/verify/explore/explorer.ts';
import { fromText, toText } from '../../../src/verify/explore/interned.ts';
import type { LocalNode } from '../../../src/verify/explore/local-node.ts';
import { Packing, type Widths } from '../../../src/verify/explore/packing.ts';
import { renamedHistory, renamedMessage, renamedNode } from '../../../src/verify/explore/rename.ts';
import { type Permutation, permutationsWithin, renamingOf } from '../../../src/verify/explore/symmetry.ts';
import type { History } from '../../../src/verify/properties/history.ts';

/** All states that an explorer has found, each as the text that is least under all renamings; by brute force. */
export const leastStates = (explorer: Explorer): ReadonlySet<string> => {
  const { nodes: voters, spares } = explorer.options;
  const permutations = permutationsWithin([voters, spares]);
  return new Set(
    readStates(explorer).map(
      (state) =>
        permutations
          .map((permutation) => {
            const { nodes, messages } = imageTexts(state, permutation);
            return `${nodes} ${messages.join()}`;
          })
          .sort()[0]!,
    ),
  );
};

/** All states that an explorer has found. */
export const readStates = (explorer: Explorer): readonly ReadState[] => {
  const { header, arrays } = explorer.save();
  const saved = header as { nodes: string[]; messages: string[]; histories: string[]; widths: Widths };
  const { messages } = explorer.options;
  const nodes = sizeOf(explorer.options);
  const packing = new Packing(nodes, messages, saved.widths);
  const fields = new Int32Array(nodes + 2 + messages);
  const states: ReadState[] = [];
  const words = arrays.states as Uint32Array;
  for (let at = 0; at < words.length; at += packing.words + 1) {
    packing.unpack(words.subarray(at, at + packing.words), fields);
    states.push({
      nodes: [...fields.subarray(0, nodes)].map((id) => fromText<LocalNode>(saved.nodes[id]!)),
      history: fromText<History>(saved.histories[fields[nodes]!]!),
      crashes: fields[nodes + 1]!,
      messages: [...fields.subarray(nodes + 2)]
        .filter((id) => id > 0)
        .map((id) => fromText<Message>(saved.messages[id - 1]!)),
    });
  }
  return states;
};

/** All states that an exploration of a network that keeps all messages has found, and that no other covers. */
export const readEverSent = (exploration: Exploration): readonly ReadState[] => {
  const { header, arrays } = exploration.save();
  const saved = header as { nodes: string[]; messages: string[]; histories: string[] };
  const { fields, begins, bags, covered } = arrays;
  const nodes = sizeOf(exploration.options);
  const states: ReadState[] = [];
  for (let at = 0; at < covered!.length; at++) {
    if (covered![at] === 1) continue;
    const own = fields!.subarray(at * (nodes + 2), (at + 1) * (nodes + 2));
    const words = bags!.subarray(begins![at]!, begins![at + 1]!);
    states.push({
      nodes: [...own.subarray(0, nodes)].map((id) => fromText<LocalNode>(saved.nodes[id]!)),
      history: fromText<History>(saved.histories[own[nodes]!]!),
      crashes: own[nodes + 1]!,
      messages: saved.messages
        .filter((_, id) => ((words[id >>> 5] ?? 0) & (1 << (id & 31))) !== 0)
        .map((text) => fromText<Message>(text)),
    });
  }
  return states;
};

export interface ReadState {
  readonly nodes: readonly LocalNode[];
  readonly history: History;
  readonly crashes: number;
  readonly messages: readonly Message[];
}

/** The image of a state under a renaming of the nodes: nodes, history and crashes left as one text, and each message. */
export const imageTexts = (
  { nodes, history, crashes, messages }: ReadState,
  permutation: Permutation,
): { readonly nodes: string; readonly messages: readonly string[] } => {
  const to = renamingOf(permutation);
  const image = [
    nodes.map((node) => renamedNode(node, to)).sort((a, b) => a.context.id - b.context.id),
    renamedHistory(history, to),
    crashes,
  ];
  return {
    nodes: toText(image),
    messages: messages.map((message) => toText(renamedMessage(message, to))).sort(),
  };
};
