import type { PageScene } from '../../data/page-data.ts';

/** What the page knows of the role chart: laid out when the page is built. */
export interface RoleChart {
  readonly root: ChartState;
  /** The roles with the arrows between them first, then each role with its rules. */
  readonly views: readonly RoleChartView[];
  /** By the id of a transition, in words: `follower: RequestVote [isLogBehind] / denyVote`. */
  readonly transitions: Readonly<Record<string, string>>;
}

/** A state, as far as its name in a frame leads to it. */
export interface ChartState {
  readonly id: string;
  readonly key: string;
  readonly path: readonly string[];
  readonly type: string;
  readonly states: readonly ChartState[];
}

export interface RoleChartView {
  /** `roles`, or the key of a role. */
  readonly name: string;
  readonly scene: PageScene;
}
