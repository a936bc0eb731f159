/**
 * The names of znodes that stand in line: a unique beginning, a mark that says what for, and the number that the server appends.
 * The marks are those of Apache Curator and of kazoo, so that all who stand in one line know each other; order is by number alone.
 */
import { describe } from '../base/describe.js'
import type { ParentMode } from './sure-writes.js'
import { dashed } from './unique-id.js'

/** Whose names to write: what others have written is understood in both. */
export type Layout = 'curator' | 'kazoo'

/** What a contender wants: the whole thing, to write, to read along with others, or to lead. */
export type ContenderKind = 'lock' | 'write' | 'read' | 'latch'

/** A name, understood. */
export interface ContenderName {
  readonly name: string
  readonly kind: ContenderKind
  /** A 32-bit whole number, negative after 2^31 - 1. */
  readonly number: number
}

const MARKS = {
  curator: { lock: '-lock-', write: '-__WRIT__', read: '-__READ__', latch: '-latch-' },
  kazoo: { lock: '__lock__', write: '__lock__', read: '__rlock__', latch: '__lock__' },
} as const satisfies Record<Layout, Record<ContenderKind, string>>

const NAME = /(lock-|__WRIT__|__READ__|latch-|__lock__|__rlock__)(-?\d{9,10})$/

const KINDS: Readonly<Record<string, ContenderKind>> = {
  'lock-': 'lock',
  __lock__: 'lock',
  __WRIT__: 'write',
  __READ__: 'read',
  __rlock__: 'read',
  'latch-': 'latch',
}

/**
 * How a recipe creates its parents. Those of kazoo look for theirs once in their lives, and fail if they have gone later, so what is
 * shared with them has to stay; Curator makes containers, as often as it takes.
 */
export function parentModeOf(layout: Layout): ParentMode {
  return layout === 'kazoo' ? 'PERSISTENT' : 'CONTAINER'
}

/** What a contender's name begins with: unique, so that it is found again when nobody knows whether it was created. */
export function contenderPrefix(layout: Layout, kind: ContenderKind, hex: string): string {
  const mark = MARKS[layout][kind]
  return layout === 'curator' ? `_c_${dashed(hex)}${mark}` : `${hex}${mark}`
}

/** The contender that a name stands for; undefined for any other znode. */
export function findContender(name: string): ContenderName | undefined {
  const [, mark = '', digits] = NAME.exec(name) ?? []
  const kind = KINDS[mark]
  return kind === undefined ? undefined : { name, kind, number: Number(digits) }
}

/** Who comes first. The server's counter goes from 2^31 - 1 to -2^31: the difference, taken in 32 bits, still tells who was earlier. */
export function byNumber(a: ContenderName, b: ContenderName): number {
  return (a.number - b.number) | 0
}

/** Lets the two layouts pass. @throws TypeError */
export function checkLayout(layout: unknown): asserts layout is Layout {
  if (typeof layout === 'string' && Object.hasOwn(MARKS, layout)) return
  throw new TypeError(`Invalid layout ${describe(layout)}: there are ${Object.keys(MARKS).join(', ')}`)
}
