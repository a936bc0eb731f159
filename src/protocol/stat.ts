/** Stat: what the server tells about a znode besides its data. A plain copy, never updated; made by the server for each reply. */

/** A Stat in JSON: identifying 64-bit numbers as decimal strings. */
export interface StatJson {
  readonly czxid: string
  readonly mzxid: string
  readonly ctime: number
  readonly mtime: number
  readonly version: number
  readonly cversion: number
  readonly aversion: number
  readonly ephemeralOwner: string
  readonly dataLength: number
  readonly numChildren: number
  readonly pzxid: string
}

/** Versions, times and owners of a znode, as of the zxid of the reply that brought it. */
export class Stat {
  /** The zxid that created the znode. */
  readonly czxid: bigint
  /** The zxid of the last change of its data; creation counts, a change of its ACL or children does not. */
  readonly mzxid: bigint
  /** Milliseconds since the epoch at `czxid`, by the server's clock. */
  readonly ctime: number
  /** Milliseconds since the epoch at `mzxid`. */
  readonly mtime: number
  /** How often the data was set since creation, also to the same bytes. */
  readonly version: number
  /** Creations plus deletions of children. Sequence numbers do not come from it. */
  readonly cversion: number
  /** How often the ACL was set since creation. */
  readonly aversion: number
  /** The session that owns an ephemeral znode, else 0n; also 0n for container and TTL znodes. */
  readonly ephemeralOwner: bigint
  /** Bytes of data; 0 for null. */
  readonly dataLength: number
  /** Children now. */
  readonly numChildren: number
  /** The zxid of the last creation or deletion of a child, else `czxid`. */
  readonly pzxid: bigint

  /** In the order of the wire. */
  constructor(
    czxid: bigint,
    mzxid: bigint,
    ctime: number,
    mtime: number,
    version: number,
    cversion: number,
    aversion: number,
    ephemeralOwner: bigint,
    dataLength: number,
    numChildren: number,
    pzxid: bigint,
  ) {
    this.czxid = czxid
    this.mzxid = mzxid
    this.ctime = ctime
    this.mtime = mtime
    this.version = version
    this.cversion = cversion
    this.aversion = aversion
    this.ephemeralOwner = ephemeralOwner
    this.dataLength = dataLength
    this.numChildren = numChildren
    this.pzxid = pzxid
  }

  /** For `JSON.stringify`, which cannot write a bigint. */
  toJSON(): StatJson {
    return {
      ...this,
      czxid: this.czxid.toString(),
      mzxid: this.mzxid.toString(),
      ephemeralOwner: this.ephemeralOwner.toString(),
      pzxid: this.pzxid.toString(),
    }
  }
}
