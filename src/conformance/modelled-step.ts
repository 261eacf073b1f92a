import type { ModelNode } from '../verify/paths/modelled-node.ts';
import type { PathStep } from '../verify/paths/path.ts';

/** A step of a path, as the chart takes it now. */
export interface ModelledStep extends PathStep {
  readonly before: ModelNode;
  readonly after: ModelNode;
  readonly stateBefore: string;
}
