import type { NodeStatus } from '../../node/node.ts';
import type { ChartStatus } from '../../node/taken-transitions.ts';

/** One node of a live cluster as reported to the page. */
export type LiveNode =
  | {
      readonly endpoint: string;
      readonly isReachable: true;
      readonly status: NodeStatus;
      readonly charts: readonly ChartStatus[];
    }
  | { readonly endpoint: string; readonly isReachable: false; readonly reason: string };
