/** What a decoder returns for malformed bytes: a peer's fault is a result, not a throw. */
export interface Malformed {
  /** One line for a log; never quotes the bytes. */
  readonly malformed: string;
}

export const malformed = (reason: string): Malformed => ({ malformed: reason });

export const isMalformed = (decoded: object): decoded is Malformed => 'malformed' in decoded;
