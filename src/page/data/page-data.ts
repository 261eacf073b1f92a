import type { ChartModel } from '../../statechart/read/model.ts';
import type { Item } from '../../statechart/draw/scene.ts';

/** `charts.json`: what the page needs before anything else. */
export interface PageIndex {
  readonly charts: readonly PageChart[];
  /** The page lies on a web server as it is: no program tells it of a cluster, of changes or of other programs. */
  readonly isStill?: boolean;
}

export interface PageChart {
  /** As on the command line, and in the page's address. */
  readonly name: string;
  readonly title: string;
  /** The file of the chart, from the root of the repository. */
  readonly path: string;
  readonly chart: ChartModel;
  readonly views: readonly PageView[];
  /** Where the paths generated from it are, once the server has made them; null for a chart from which none are. */
  readonly paths: string | null;
}

export interface PageView {
  /** `overview`, `full`, `gate`, or the name of a top-level state. */
  readonly name: string;
  /** Its scene, from the page's own address. */
  readonly file: string;
  /** Which transitions it shows: places in `transitionsOf(chart)`. */
  readonly shows: readonly number[];
}

/** A laid-out view with what can be pointed at in it. */
export interface PageScene {
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height: number;
  readonly items: readonly Item[];
  /** From the back to the front. */
  readonly regions: readonly Region[];
}

/** A part of a picture that stands for a state or for transitions. */
export interface Region {
  readonly kind: 'state' | 'rule' | 'arrow';
  /** Ids of the model; several for an arrow that several transitions share. */
  readonly refs: readonly string[];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** The place of the arrow among the items. */
  readonly item?: number;
  /** Whether the rule is written on an arrow; elsewhere it is a row of a box. */
  readonly isOnArrow?: boolean;
}

/** `details-<chart>.json`: what is shown of a rule on request. */
export interface PageDetails {
  /** By the name of a guard, an action or a delay. */
  readonly names: Readonly<Record<string, NameDetails>>;
  /** By the id of a transition. */
  readonly transitions: Readonly<Record<string, TransitionDetails>>;
  /** Null where nobody has looked for any. */
  readonly tests: readonly TestPlace[] | null;
  /** Why the names have no definitions, in one line; null where they have. */
  readonly problem: string | null;
}

export interface NameDetails {
  readonly path: string;
  readonly line: number;
  readonly body: string;
  /** Bugs of real systems that it rules out. */
  readonly prevents: readonly string[];
}

export interface TransitionDetails {
  /** Where it stands in the file of the chart; null where its sentence cannot be told from another. */
  readonly line: number | null;
  /** Places in `tests`. */
  readonly tests: readonly number[];
}

export interface TestPlace {
  readonly path: string;
  readonly name: string;
}

/** `paths/<chart>.json`: the paths generated from a chart, ready to be read. */
export interface PagePaths {
  /** What they are: tests say what must leave the node. */
  readonly kind: 'test' | 'path';
  /** What prints them. */
  readonly command: string;
  readonly paths: readonly PagePath[];
  /** By the id of a transition: places in `paths`, those that come to it first in front. Those that none walks are left out. */
  readonly walks: Readonly<Record<string, readonly number[]>>;
  /** By the id of a transition that none walks: why, as far as the search can tell. */
  readonly notWalked: Readonly<Record<string, string>>;
}

export interface PagePath {
  readonly id: string;
  readonly title: string;
  /** What it starts from, in a sentence; what stands between backticks is code. */
  readonly setup: string;
  /** Only of paths that are the first of some transition; of others null. */
  readonly steps: readonly PagePathStep[] | null;
}

export interface PagePathStep {
  /** In words; what stands between backticks is code. */
  readonly event: string;
  /** `again`, `hostile` */
  readonly marks: readonly string[];
  /** The chart's state when it is over, such as `follower.leased`. */
  readonly state: string;
  /** What left it, a line each. */
  readonly sent: readonly string[];
  /** Ids of the transitions that it takes, in order. */
  readonly transitions: readonly string[];
}
