/** A safety property that does not hold. */
export interface Violation {
  /** The property's name, as in Figure 3 where it has one there. */
  readonly property: string;
  /** One line, with both offending facts. */
  readonly message: string;
  /** The facts that cannot both be true. */
  readonly facts: readonly string[];
}
