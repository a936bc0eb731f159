/**
 * DataNode: one znode, as it stands in the NodeStore: a view of a record, made for each look and thrown away. It shows what is there now;
 * once its znode is deleted it shows nothing that means anything. Changed by DataTree alone.
 */
import { NO_BLOCK } from '../base/byte-arena.js'
import type { ACL } from '../protocol/acl.js'
import { type OwnerKind, ownerKind, PERSISTENT_OWNER } from '../protocol/ephemeral-owner.js'
import type { Bytes } from '../protocol/message.js'
import { ROOT } from '../protocol/path.js'
import { Stat } from '../protocol/stat.js'
import {
  Field,
  INTS_A_RECORD,
  LONGS_A_RECORD,
  NOBODY,
  type NodeStore,
  type Page,
  placeOf,
} from './node-store.js'

const NULL_DATA = -1
const KINDS: readonly OwnerKind[] = ['persistent', 'ephemeral', 'container', 'ttl']
const PERSISTENT: number = KINDS.indexOf('persistent')
const EPHEMERAL: number = KINDS.indexOf('ephemeral')
const KIND_BITS = 2
const KIND_MASK = 3
const TO_HIGH = 2 ** -32
/** Which half of 64 bits comes first is up to the machine. */
const LOW: number = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1

/** What deciding a request needs to know of a znode, as it is or as it will be. */
export interface NodeFacts {
  readonly acl: readonly ACL[]
  readonly kind: OwnerKind
  readonly version: number
  /** How many children were ever created: the next sequence number. */
  readonly createdCount: number
  readonly childCount: number
  readonly dataBytes: number
}

/** All that there is to a znode but its children. */
export interface NodeFields {
  readonly data: Bytes
  readonly acl: readonly ACL[]
  readonly owner: bigint
  readonly czxid: number
  readonly mzxid: number
  readonly pzxid: number
  readonly ctimeMs: number
  readonly mtimeMs: number
  readonly version: number
  readonly aversion: number
  readonly createdCount: number
}

/** A znode. `createdCount` never falls: the visible cversion and the sequence numbers come from it. */
export class DataNode implements NodeFacts {
  readonly #store: NodeStore
  readonly #page: Page
  readonly #longs: number
  readonly #ints: number
  readonly id: number

  constructor(store: NodeStore, id: number) {
    this.#store = store
    this.#page = store.pageOf(id)
    this.#longs = placeOf(id) * LONGS_A_RECORD
    this.#ints = placeOf(id) * INTS_A_RECORD
    this.id = id
  }

  get czxid(): bigint {
    return this.#long(Field.czxid)
  }

  get mzxid(): bigint {
    return this.#long(Field.mzxid)
  }

  get pzxid(): bigint {
    return this.#long(Field.pzxid)
  }

  /** As ZooKeeper stores it: 0n, a session id, or the mark of a container or a TTL. */
  get owner(): bigint {
    return this.#long(Field.owner)
  }

  get kind(): OwnerKind {
    return KINDS[this.#int(Field.aclAndKind) & KIND_MASK] ?? 'persistent'
  }

  /** Whether it has an owner; telling costs less than the owner itself, which is a bigint. */
  get isOwned(): boolean {
    return (this.#int(Field.aclAndKind) & KIND_MASK) !== PERSISTENT
  }

  get ctimeMs(): number {
    return this.#double(Field.ctimeMs)
  }

  get mtimeMs(): number {
    return this.#double(Field.mtimeMs)
  }

  get version(): number {
    return this.#int(Field.version)
  }

  get aversion(): number {
    return this.#int(Field.aversion)
  }

  get createdCount(): number {
    return this.#double(Field.createdCount)
  }

  get childCount(): number {
    return this.#int(Field.childCount)
  }

  get acl(): readonly ACL[] {
    return this.#store.acls.get(this.#int(Field.aclAndKind) >> KIND_BITS)
  }

  get dataBytes(): number {
    return Math.max(this.#int(Field.dataBytes), 0)
  }

  /** A private copy of the data. */
  copyData(): Bytes {
    const dataBytes = this.#int(Field.dataBytes)
    if (dataBytes === NULL_DATA) return null
    const { arena, slab } = this.#store
    return arena.copy(this.#int(Field.data), dataBytes, slab)
  }

  /** The data itself, on loan until anything in the tree changes; nobody writes to it. */
  lendData(): Bytes {
    const dataBytes = this.#int(Field.dataBytes)
    return dataBytes === NULL_DATA ? null : this.#store.arena.view(this.#int(Field.data), dataBytes)
  }

  /** The names of the children, in the order of their creation. */
  childNames(): string[] {
    const names: string[] = []
    const path = this.#page.paths[placeOf(this.id)] ?? ROOT
    const nameStart = path === ROOT ? path.length : path.length + 1
    let id = this.#int(Field.firstChild)
    while (id !== NOBODY) {
      const { paths, ints } = this.#store.pageOf(id)
      names.push((paths[placeOf(id)] ?? '').slice(nameStart))
      id = ints[placeOf(id) * INTS_A_RECORD + Field.next] ?? NOBODY
    }
    return names
  }

  /** A Stat as of now. */
  stat(): Stat {
    const childCount = this.#int(Field.childCount)
    const czxid = this.#long(Field.czxid)
    return new Stat(
      czxid,
      this.#isLike(Field.mzxid, Field.czxid) ? czxid : this.#long(Field.mzxid),
      this.#double(Field.ctimeMs),
      this.#double(Field.mtimeMs),
      this.#int(Field.version),
      // The stored counter counts creations; clients see creations plus deletions.
      (2 * this.#double(Field.createdCount) - childCount) | 0,
      this.#int(Field.aversion),
      (this.#int(Field.aclAndKind) & KIND_MASK) === EPHEMERAL ? this.#long(Field.owner) : 0n,
      this.dataBytes,
      childCount,
      this.#isLike(Field.pzxid, Field.czxid) ? czxid : this.#long(Field.pzxid),
    )
  }

  /** Fills in a new record. */
  begin(fields: NodeFields): void {
    const { owner, data, acl } = fields
    const { longs, doubles, ints } = this.#page
    const wide = this.#longs
    const at = this.#ints
    const { arena, acls } = this.#store
    this.#setZxid(Field.czxid, fields.czxid)
    this.#setZxid(Field.mzxid, fields.mzxid)
    this.#setZxid(Field.pzxid, fields.pzxid)
    longs[wide + Field.owner] = owner
    doubles[wide + Field.ctimeMs] = fields.ctimeMs
    doubles[wide + Field.mtimeMs] = fields.mtimeMs
    doubles[wide + Field.createdCount] = fields.createdCount
    ints[at + Field.version] = fields.version
    ints[at + Field.aversion] = fields.aversion
    ints[at + Field.childCount] = 0
    const kind = owner === PERSISTENT_OWNER ? PERSISTENT : KINDS.indexOf(ownerKind(owner))
    ints[at + Field.aclAndKind] = (acls.add(acl) << KIND_BITS) | kind
    ints[at + Field.data] = data === null ? NO_BLOCK : arena.add(data)
    ints[at + Field.dataBytes] = data === null ? NULL_DATA : data.length
    ints[at + Field.firstChild] = NOBODY
    ints[at + Field.lastChild] = NOBODY
  }

  /** Gives back what its record holds elsewhere. */
  end(): void {
    const { arena, acls } = this.#store
    arena.delete(this.#int(Field.data), this.dataBytes)
    acls.release(this.#int(Field.aclAndKind) >> KIND_BITS)
  }

  /** Other data, of which a copy is kept, and what goes with it. */
  setData(data: Bytes, version: number, stamp: { readonly zxid: number; readonly timeMs: number }): void {
    this.replaceData(data)
    this.#setInt(Field.version, version)
    this.#setZxid(Field.mzxid, stamp.zxid)
    this.#page.doubles[this.#longs + Field.mtimeMs] = stamp.timeMs
  }

  /** Other data, and nothing else. */
  replaceData(data: Bytes): void {
    const { arena } = this.#store
    const before = this.#int(Field.data)
    const number =
      data === null ? arena.delete(before, this.dataBytes) : arena.replace(before, this.dataBytes, data)
    this.#setInt(Field.data, number)
    this.#setInt(Field.dataBytes, data === null ? NULL_DATA : data.length)
  }

  setACL(acl: readonly ACL[], aversion: number): void {
    const { acls } = this.#store
    const before = this.#int(Field.aclAndKind)
    this.#setInt(Field.aclAndKind, (acls.add(acl) << KIND_BITS) | (before & KIND_MASK))
    this.#setInt(Field.aversion, aversion)
    acls.release(before >> KIND_BITS)
  }

  /** Puts a znode at the end of the chain of its children. */
  link(child: DataNode): void {
    const last = this.#int(Field.lastChild)
    child.#setInt(Field.previous, last)
    child.#setInt(Field.next, NOBODY)
    if (last === NOBODY) this.#setInt(Field.firstChild, child.id)
    else new DataNode(this.#store, last).#setInt(Field.next, child.id)
    this.#setInt(Field.lastChild, child.id)
    this.#setInt(Field.childCount, this.#int(Field.childCount) + 1)
  }

  /** Takes a znode out of the chain of its children. */
  unlink(child: DataNode): void {
    const next = child.#int(Field.next)
    const previous = child.#int(Field.previous)
    if (previous === NOBODY) this.#setInt(Field.firstChild, next)
    else new DataNode(this.#store, previous).#setInt(Field.next, next)
    if (next === NOBODY) this.#setInt(Field.lastChild, previous)
    else new DataNode(this.#store, next).#setInt(Field.previous, previous)
    this.#setInt(Field.childCount, this.#int(Field.childCount) - 1)
  }

  /** A child came or went. */
  childrenChanged(zxid: number, createdCount: number): void {
    this.#setZxid(Field.pzxid, zxid)
    this.#page.doubles[this.#longs + Field.createdCount] = createdCount
  }

  #long(field: number): bigint {
    return this.#page.longs[this.#longs + field] ?? 0n
  }

  /** Whether two zxids are the same: then one bigint does for both. */
  #isLike(one: number, other: number): boolean {
    const { ints } = this.#page
    const at = this.#ints + 2 * one
    const beside = this.#ints + 2 * other
    return ints[at] === ints[beside] && ints[at + 1] === ints[beside + 1]
  }

  #double(field: number): number {
    return this.#page.doubles[this.#longs + field] ?? 0
  }

  #int(field: number): number {
    return this.#page.ints[this.#ints + field] ?? 0
  }

  #setInt(field: number, value: number): void {
    this.#page.ints[this.#ints + field] = value
  }

  /** In halves: making a bigint costs more than the rest of a small write. */
  #setZxid(field: number, zxid: number): void {
    const { ints } = this.#page
    const at = this.#ints + 2 * field
    ints[at + LOW] = zxid | 0
    ints[at + 1 - LOW] = Math.floor(zxid * TO_HIGH)
  }
}
