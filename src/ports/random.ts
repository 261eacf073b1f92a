/** The only source of randomness of a node. */
export interface Random {
  /** A uniform integer from 0 to 2^32 − 1. */
  uint32(): number;
}
