/** What the server sends at `changes` about the machines of files, at once and after each change: all that holds now, as JSON. */
export interface MachineNews {
  /** Another one: the server was started again. */
  readonly run: string;
  /** How often a chart was replaced. */
  readonly revision: number;
  /** Why charts are older than their files, a line each. */
  readonly problems: readonly string[];
}
