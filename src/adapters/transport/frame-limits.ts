export interface FrameLimits {
  /** A longer frame closes the connection. */
  readonly maxFrameBytes: number;
  /** The same for the first frame of an incoming connection: a stranger must not make this node keep megabytes. */
  readonly maxFirstFrameBytes: number;
  /** Bytes that wait to be sent; a frame that exceeds this is dropped. */
  readonly maxWaitingBytes: number;
}

/** A frame carries at most one AppendEntries, whose payload is bounded by half a megabyte or one value. */
const defaultFrameLimits: FrameLimits = {
  maxFrameBytes: 8 * 1024 * 1024,
  maxFirstFrameBytes: 4096,
  maxWaitingBytes: 16 * 1024 * 1024,
};

/** The defaults, where `limits` has nothing else. */
export const frameLimitsOf = (limits: Partial<FrameLimits>): FrameLimits => ({
  maxFrameBytes: limits.maxFrameBytes ?? defaultFrameLimits.maxFrameBytes,
  maxFirstFrameBytes: limits.maxFirstFrameBytes ?? defaultFrameLimits.maxFirstFrameBytes,
  maxWaitingBytes: limits.maxWaitingBytes ?? defaultFrameLimits.maxWaitingBytes,
});

/** The most incoming connections at once: some for each peer, and room to refuse strangers. */
export const maxIncoming = 128;
