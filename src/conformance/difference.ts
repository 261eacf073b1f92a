/** Something that an adapter did otherwise than it must. */
export interface Difference {
  readonly kind:
    | 'role'
    | 'term'
    | 'votedFor'
    | 'commitIndex'
    | 'log'
    | 'timers'
    | 'message'
    | 'missing'
    | 'redundant'
    | 'unsound'
    /** It could not answer: an error, or the end of its process. */
    | 'broken'
    /** It did not answer in time. */
    | 'hang'
    /** It answered with what is no answer of the protocol. */
    | 'malformed';
  /** In plain words, expected and got. */
  readonly text: string;
}
