import { deepEqual } from 'fast-equals';
import type { Frame, FrameNode } from '../../../simulate/play/frame.ts';

/** Frames that follow `last`, as another thread has sent them: copies all. What equals a part of the frame before is that part from here on, so that what has not changed is neither drawn nor kept again. */
export const withKeptParts = (last: Frame | undefined, frames: readonly Frame[]): readonly Frame[] => {
  const kept = new Map<FrameNode, FrameNode>();
  let before = last;
  return frames.map((frame) => {
    const nodes = frame.nodes.map((node, at) => {
      const known = kept.get(node);
      if (known !== undefined) return known;
      const old = before?.nodes[at];
      const same = old !== undefined && deepEqual(old, node) ? old : node;
      kept.set(node, same);
      return same;
    });
    const { nodes: oldNodes = [], cuts: oldCuts = null } = before ?? {};
    before = {
      ...frame,
      nodes:
        nodes.length === oldNodes.length && nodes.every((node, at) => node === oldNodes[at])
          ? oldNodes
          : nodes,
      cuts: oldCuts !== null && deepEqual(oldCuts, frame.cuts) ? oldCuts : frame.cuts,
    };
    return before;
  });
};
