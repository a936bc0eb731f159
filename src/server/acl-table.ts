/**
 * AclTable: each ACL once, by a small number, however many znodes have it. Invariant: a list is here exactly as long as somebody uses
 * its number; the one that is open to everybody is always here.
 */
import { IdPool } from '../base/id-pool.js'
import { broken } from '../base/invariant.js'
import { type ACL, OPEN_ACL_UNSAFE } from '../protocol/acl.js'

/** The number of the list that is open to everybody. */
export const OPEN_ACL = 0

interface Row {
  readonly number: number
  readonly acl: readonly ACL[]
  readonly key: string
  useCount: number
}

/** Lists by number. They are frozen; nobody changes them. */
export class AclTable {
  /** By number; the open list needs no row. */
  readonly #rows: (Row | undefined)[] = []
  readonly #rowByKey = new Map<string, Row>()
  readonly #numbers = new IdPool()

  /** How many there are, the open one among them. */
  get size(): number {
    return this.#rowByKey.size + 1
  }

  /** One more use of this list. */
  add(acl: readonly ACL[]): number {
    if (acl === OPEN_ACL_UNSAFE) return OPEN_ACL
    const key = JSON.stringify(acl.map(({ perms, scheme, id }) => [perms, scheme, id]))
    const known = this.#rowByKey.get(key)
    if (known !== undefined) {
      known.useCount += 1
      return known.number
    }
    const row = { number: this.#numbers.take() + 1, acl, key, useCount: 1 }
    this.#rows[row.number] = row
    this.#rowByKey.set(key, row)
    return row.number
  }

  /** The list with this number. */
  get(number: number): readonly ACL[] {
    if (number === OPEN_ACL) return OPEN_ACL_UNSAFE
    const row = this.#rows[number]
    if (row === undefined) broken(`ACL ${number} was released too often`)
    return row.acl
  }

  /** One use less. */
  release(number: number): void {
    const row = this.#rows[number]
    if (row === undefined) return
    row.useCount -= 1
    if (row.useCount > 0) return
    this.#rows[number] = undefined
    this.#rowByKey.delete(row.key)
    this.#numbers.release(number - 1)
  }

  /** Forgets all but the open one. */
  clear(): void {
    this.#rows.length = 0
    this.#rowByKey.clear()
    this.#numbers.clear()
  }
}
