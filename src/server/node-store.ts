/**
 * NodeStore: the fields of all znodes, packed: a record of 96 bytes a znode, in pages. An object with its bigints, its array of bytes and
 * its set of children takes four times that. The data lies in an arena and the ACLs in a table, and a record has their numbers; siblings
 * form a chain, in the order of their creation. What the data took is given back; the pages are kept for znodes to come, so the room of
 * the most records that there ever were stays. Only DataNode and DataTree look inside.
 */
import { ByteArena } from '../base/byte-arena.js'
import { IdPool } from '../base/id-pool.js'
import { broken } from '../base/invariant.js'
import { Slab } from '../base/slab.js'
import { AclTable } from './acl-table.js'

const PAGE_BITS = 13
const RECORDS_A_PAGE = 1 << PAGE_BITS
/** A page begins small, lest a small tree pays for a large one, and doubles; few large pages stay in the caches of a machine. */
const FIRST_RECORDS = 128
const RECORD_BYTES = 96

/** How many fields of each width a record has room for, whatever they are used for. */
export const LONGS_A_RECORD: number = RECORD_BYTES / 8
/** The same for the narrow ones. */
export const INTS_A_RECORD: number = RECORD_BYTES / 4

/** Where each field of a record stands, counted in fields of its own width. */
export const Field = {
  // 64 bits: zxids and owners as whole numbers, times and the count of creations as floating point.
  czxid: 0,
  mzxid: 1,
  pzxid: 2,
  owner: 3,
  ctimeMs: 4,
  mtimeMs: 5,
  createdCount: 6,
  // 32 bits.
  version: 14,
  aversion: 15,
  childCount: 16,
  /** The number of the ACL and, in two low bits, the kind. */
  aclAndKind: 17,
  data: 18,
  /** -1 for null. */
  dataBytes: 19,
  firstChild: 20,
  lastChild: 21,
  next: 22,
  previous: 23,
} as const

/** No znode has this number. */
export const NOBODY = -1

/** Records that lie together, seen in three widths. It makes room, so its arrays are not to be kept, unlike the page itself. */
export class Page {
  longs: BigInt64Array = new BigInt64Array(0)
  doubles: Float64Array = new Float64Array(0)
  ints: Int32Array = new Int32Array(0)
  /** The path of each record that there ever was; empty if nobody has it. */
  readonly paths: string[] = []

  constructor() {
    this.#resize(FIRST_RECORDS)
  }

  /** Gives a place to a path, or to nobody. */
  take(place: number, path: string): void {
    if (place * LONGS_A_RECORD === this.longs.length) this.#resize(2 * place)
    this.paths[place] = path
  }

  #resize(records: number): void {
    const before = this.ints
    const buffer = new ArrayBuffer(RECORD_BYTES * records)
    this.longs = new BigInt64Array(buffer)
    this.doubles = new Float64Array(buffer)
    this.ints = new Int32Array(buffer)
    this.ints.set(before)
  }
}

/** All records of a tree. */
export class NodeStore {
  readonly arena: ByteArena = new ByteArena()
  readonly acls: AclTable = new AclTable()
  /** Where private copies of data are cut from. */
  readonly slab: Slab = new Slab()
  readonly #pages: Page[] = []
  readonly #ids = new IdPool()

  /** A record for this path, with nothing in it that means anything yet. */
  add(path: string): number {
    const id = this.#ids.take()
    if (id >> PAGE_BITS === this.#pages.length) this.#pages.push(new Page())
    this.pageOf(id).take(placeOf(id), path)
    return id
  }

  /** Gives a record back; its bytes stay as they are until it is used again. */
  release(id: number): void {
    this.pageOf(id).take(placeOf(id), '')
    this.#ids.release(id)
  }

  /** The page of a record. */
  pageOf(id: number): Page {
    const page = this.#pages[id >> PAGE_BITS]
    if (page === undefined) broken(`there is no znode ${id}`)
    return page
  }

  /** Forgets everything. */
  clear(): void {
    this.arena.clear()
    this.acls.clear()
    this.#pages.length = 0
    this.#ids.clear()
  }
}

/** The place of a record on its page. */
export function placeOf(id: number): number {
  return id & (RECORDS_A_PAGE - 1)
}
