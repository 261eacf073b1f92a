import { nodeOf, type Property, violation } from './property.ts';

/**
 * A read misses nothing that was committed, by whichever node, before it was asked for: it is confirmed at no lower index, and is answered
 * once that much is applied where the client gets its answer. Thesis §6.4.
 */
export const readSafety: Property = (before, step) => {
  if (step.type !== 'readConfirmed' && step.type !== 'readAnswered') return null;
  const { node, id, index } = step;
  const read = before.history.reads.find((each) => each.id === id && each.node === node);
  // Answered before, or asked for when there was nothing to miss.
  if (read === undefined) return null;
  const asked = `entry ${read.due} was committed when node${node} was asked for read ${id}`;
  if (index < read.due) return violation('Read Safety', asked, `the read is confirmed at ${index}`);
  const { lastApplied } = nodeOf(before, node);
  if (step.type === 'readConfirmed' || lastApplied >= index) return null;
  return violation(
    'Read Safety',
    `node${node} answers read ${id}, which was confirmed at ${index}`,
    `it has applied up to ${lastApplied}`,
  );
};
