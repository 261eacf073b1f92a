/** The only die of a node. */
export interface Random {
  /** A uniform integer from 0 to 2^32 − 1. */
  uint32(): number;
}
