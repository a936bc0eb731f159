/**
 * FactTree: what the transactions so far amount to, by the rules of the reference and not by the server's code. T2, every Stat is that
 * of the history of its znode; T4, the ephemerals of a session go with it, all of them; T6, a read shows this tree at the zxid of its
 * reply, which in one server is the last one of all.
 */
import type { ZnodeReport } from '../../src/index.js'
import type { Bytes, MultiReadOp, Reply, Request, Response } from '../../src/protocol/message.js'
import type { ReadOpResult } from '../../src/protocol/op-result.js'
import { nameOf, parentOf } from '../../src/protocol/path.js'
import type { Stat } from '../../src/protocol/stat.js'
import type { TxnBody } from '../../src/server/txn.js'

interface Fact {
  data: Bytes
  readonly czxid: bigint
  mzxid: bigint
  pzxid: bigint
  readonly ctime: number
  mtime: number
  version: number
  aversion: number
  /** Children ever created. */
  created: number
  readonly owner: bigint
  readonly children: Set<string>
}

interface Stamp {
  readonly zxid: bigint
  readonly timeMs: number
}

const BEGINNING: Stamp = { zxid: 0n, timeMs: 0 }

/** All znodes by path. */
export class FactTree {
  readonly #facts = new Map<string, Fact>()
  #zxid = 0

  /** A new server, or one that goes on from another. */
  constructor(from?: FactTree) {
    if (from === undefined) this.#begin()
    else
      for (const [path, fact] of from.#facts)
        this.#facts.set(path, { ...fact, children: new Set(fact.children) })
    this.#zxid = from?.zxid ?? 0
  }

  /** The last transaction. */
  get zxid(): number {
    return this.#zxid
  }

  apply(zxid: number, timeMs: number, txn: TxnBody): void {
    this.#zxid = zxid
    this.#change(txn, { zxid: BigInt(zxid), timeMs })
  }

  /** What is wrong with the answer to a read; undefined if nothing is, or it is none. `isHidden` is true for paths that may not be read. */
  findFault(request: Request, reply: Reply, isHidden: (path: string) => boolean): string | undefined {
    const { code, response, zxid } = reply
    switch (request.type) {
      case 'exists':
      case 'getData':
      case 'getChildren':
      case 'getChildren2':
        if (zxid !== this.#zxid) return `T6: a read shows zxid ${zxid}, where ${this.#zxid} is the last one`
        return this.#findFaultOfRead(request.path, code, response, isHidden(request.path))
      case 'multiRead':
        return response?.type === 'readResults'
          ? this.#findFaultOfReads(request.ops, response.results, isHidden)
          : undefined
      default:
        return undefined
    }
  }

  /** What is wrong with the Stat of a znode. */
  findStatFault(path: string, stat: Stat): string | undefined {
    const fact = this.#facts.get(path)
    if (fact === undefined) return `T6: ${path} is shown, and there is none`
    const { children, created, data } = fact
    const isSame =
      stat.czxid === fact.czxid &&
      stat.mzxid === fact.mzxid &&
      stat.pzxid === fact.pzxid &&
      stat.ctime === fact.ctime &&
      stat.mtime === fact.mtime &&
      stat.version === fact.version &&
      stat.cversion === 2 * created - children.size &&
      stat.aversion === fact.aversion &&
      stat.ephemeralOwner === fact.owner &&
      stat.dataLength === (data?.length ?? 0) &&
      stat.numChildren === children.size
    return isSame
      ? undefined
      : `T2: ${path} has the Stat ${JSON.stringify(stat)}, which its history does not give`
  }

  /** What is wrong with a whole tree. */
  findTreeFaults(znodes: readonly ZnodeReport[]): string[] {
    const faults = znodes.flatMap(({ path, stat, data }) => {
      const fault = this.findStatFault(path, stat) ?? this.#findDataFault(path, data)
      return fault === undefined ? [] : [fault]
    })
    const isComplete = znodes.length === this.#facts.size
    return isComplete
      ? faults
      : [...faults, `T2: there are ${znodes.length} znodes, and not ${this.#facts.size}`]
  }

  #findFaultOfRead(
    path: string,
    code: Reply['code'],
    response: Response | undefined,
    isHidden: boolean,
  ): string | undefined {
    const isThere = this.#facts.has(path)
    if (code === 'NONODE') return isThere ? `T6: ${path} is said to be missing, and there is one` : undefined
    if (code === 'NOAUTH') return isHidden && isThere ? undefined : `T6: ${path} is withheld without a reason`
    if (code !== 'OK' || response === undefined) return undefined
    if (isHidden) return `T6: ${path} is shown to who may not read it`
    const fault = 'stat' in response ? this.findStatFault(path, response.stat) : undefined
    if (fault !== undefined) return fault
    if ('children' in response) return this.#findChildrenFault(path, response.children)
    return response.type === 'data' ? this.#findDataFault(path, response.data) : undefined
  }

  #findFaultOfReads(
    ops: readonly MultiReadOp[],
    results: readonly ReadOpResult[],
    isHidden: (path: string) => boolean,
  ): string | undefined {
    for (const [i, { path }] of ops.entries()) {
      const result = results[i]
      if (result === undefined) return `T6: a multiRead has no result for ${path}`
      const isError = result.type === 'error'
      const isRight = isError
        ? result.code === (this.#facts.has(path) ? 'NOAUTH' : 'NONODE')
        : !isHidden(path)
      if (!isRight)
        return `T6: a multiRead of ${path} gives ${isError ? result.code : 'what may not be read'}`
      const fault = result.type === 'getChildren' ? this.#findChildrenFault(path, result.children) : undefined
      if (fault !== undefined) return fault
    }
    return undefined
  }

  #findChildrenFault(path: string, children: readonly string[]): string | undefined {
    const known = this.#facts.get(path)?.children
    return known?.size === children.length && children.every((name) => known.has(name))
      ? undefined
      : `T6: the children of ${path} are said to be ${children}, and are ${[...(known ?? [])]}`
  }

  #findDataFault(path: string, data: Bytes): string | undefined {
    const known = this.#facts.get(path)?.data
    const isSame =
      known === data ||
      (data !== null && known?.length === data.length && data.every((byte, at) => byte === known[at]))
    return isSame ? undefined : `T6: the data of ${path} are not what was written last`
  }

  #begin(): void {
    // Observed: none of them counts as created.
    for (const [path, aversion] of [
      ['/', 0],
      ['/zookeeper', 0],
      ['/zookeeper/quota', 0],
      ['/zookeeper/config', -1],
    ] as const) {
      this.#add(path, new Uint8Array(0), 0n, BEGINNING).aversion = aversion
      if (path !== '/') this.#facts.get(parentOf(path))?.children.add(nameOf(path))
    }
  }

  #change(txn: TxnBody, stamp: Stamp): void {
    switch (txn.type) {
      case 'create':
        return this.#create(txn.path, txn.data, txn.owner, stamp)
      case 'delete':
        return this.#remove(txn.path, stamp)
      case 'setData':
        return this.#setData(txn.path, txn.data, stamp)
      case 'setACL': {
        const fact = this.#facts.get(txn.path)
        if (fact !== undefined) fact.aversion += 1
        return
      }
      case 'multi':
        for (const op of txn.ops) this.#change(op, stamp)
        return
      case 'closeSession':
        for (const [path, { owner }] of this.#facts) if (owner === txn.sessionId) this.#remove(path, stamp)
    }
  }

  #create(path: string, data: Bytes, owner: bigint, stamp: Stamp): void {
    this.#add(path, data, owner, stamp)
    const parent = this.#facts.get(parentOf(path))
    if (parent === undefined) return
    parent.children.add(nameOf(path))
    parent.created += 1
    parent.pzxid = stamp.zxid
  }

  #add(path: string, data: Bytes, owner: bigint, { zxid, timeMs }: Stamp): Fact {
    const zxids = { czxid: zxid, mzxid: zxid, pzxid: zxid, ctime: timeMs, mtime: timeMs }
    const fact = { ...zxids, data, owner, version: 0, aversion: 0, created: 0, children: new Set<string>() }
    this.#facts.set(path, fact)
    return fact
  }

  #remove(path: string, { zxid }: Stamp): void {
    this.#facts.delete(path)
    const parent = this.#facts.get(parentOf(path))
    if (parent === undefined) return
    parent.children.delete(nameOf(path))
    parent.pzxid = zxid
  }

  #setData(path: string, data: Bytes, { zxid, timeMs }: Stamp): void {
    const fact = this.#facts.get(path)
    if (fact === undefined) return
    fact.data = data
    fact.version += 1
    fact.mzxid = zxid
    fact.mtime = timeMs
  }
}
