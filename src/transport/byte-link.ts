/**
 * A two-way stream of bytes, as a socket or a port gives it: what the wire ends of server and client stand on.
 * A link never calls back during a call into it, and after `destroy`, or once it has said that it is closed, not at all.
 */

/** One end of a stream. */
export interface ByteLink {
  /** The address of the other side, as the ip scheme sees it. */
  readonly remoteAddress: string
  /** Sends bytes, which are the link's from now on. `sent` is called once they have left this process. */
  write(bytes: Uint8Array, sent: () => void): void
  /** Stops handing in what arrives, so that the other side has to wait. */
  pause(): void
  resume(): void
  /** Ends the stream once what was written has gone out. */
  end(): void
  /** Ends it at once; what was not sent is lost. */
  destroy(): void
}

/** What a link tells its owner. */
export interface ByteLinkEvents {
  /** The next bytes; they are the owner's. */
  received(chunk: Uint8Array): void
  /** The stream has ended, for this reason if there is one. The last call. */
  closed(reason?: unknown): void
}
