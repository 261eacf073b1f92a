/** A file by its path in the repository, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Where a name is defined. */
export interface SourcePlace {
  readonly path: string;
  /** From 1 on. */
  readonly line: number;
  /** The definition's own lines, as a parser sees them. */
  readonly body: string;
}

export interface SourceIndex {
  /** The rule behind the name of a guard, an action or a delay: an exported constant or function, otherwise where the name is bound. */
  rule(name: string): SourcePlace | null;
  /** Where the chart's name is bound to what it does. */
  binding(name: string): SourcePlace | null;
}
