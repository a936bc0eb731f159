/**
 * Paths of znodes: `/` or `/name/name`, absolute, without a trailing slash.
 * Pure functions; used by the client before it sends and by the server before it creates. One scan, no regular expression.
 */
import { describe } from '../base/describe.js'

/** The root, the only path that ends with a slash. */
export const ROOT = '/'

/** Why the path cannot name a znode, with the index in UTF-16 units; undefined if it can. */
export function findPathFault(path: string): string | undefined {
  if (path.length === 0) return 'it is empty; the root is "/"'
  if (path.charCodeAt(0) !== SLASH) return 'it must start with "/"'
  if (path.length === 1) return undefined
  let nameStart = 1
  for (let i = 1; i < path.length; i++) {
    const unit = path.charCodeAt(i)
    // Letters, digits and most signs may stand anywhere: one comparison for nearly all of a path.
    if (unit > SLASH && unit < 0x7f) continue
    if (unit === SLASH) {
      const fault = findNameFault(path, nameStart, i)
      if (fault !== undefined) return fault
      nameStart = i + 1
    } else if (isForbidden(unit)) return `character U+${hex(unit)} is not allowed at ${i}`
  }
  if (nameStart === path.length) return 'it must not end with "/"'
  return findNameFault(path, nameStart, path.length)
}

/** Throws unless the path can name a znode. @throws TypeError quoting the path and the place. */
export function validatePath(path: unknown): asserts path is string {
  if (typeof path !== 'string') throw new TypeError(`Invalid path ${describe(path)}: it must be a string`)
  const fault = findPathFault(path)
  if (fault !== undefined) throw new TypeError(`Invalid path ${describe(path)}: ${fault}`)
}

/** Like `validatePath` for a sequential create, whose path is a prefix: `/q/` is legal, since digits follow. */
export function validateSequentialPath(path: unknown): asserts path is string {
  if (typeof path !== 'string') throw new TypeError(`Invalid path ${describe(path)}: it must be a string`)
  const fault = findPathFault(`${path}1`)
  if (fault !== undefined) throw new TypeError(`Invalid path prefix ${describe(path)}: ${fault}`)
}

/** The path one level up; the parent of `/x` is `/`. Not for the root. */
export function parentOf(path: string): string {
  const end = lastSlashOf(path)
  return end <= 0 ? ROOT : path.slice(0, end)
}

/** The last name of the path. */
export function nameOf(path: string): string {
  return path.slice(lastSlashOf(path) + 1)
}

/** Where the last slash is; -1 if there is none. Names are short, so looking takes less than asking `lastIndexOf`. */
export function lastSlashOf(path: string): number {
  let at = path.length - 1
  while (at >= 0 && path.charCodeAt(at) !== SLASH) at -= 1
  return at
}

/** The path of a child. */
export function childPath(parent: string, name: string): string {
  return parent === ROOT ? `/${name}` : `${parent}/${name}`
}

/** True for the path itself and everything below it. */
export function isAtOrBelow(path: string, top: string): boolean {
  return top === ROOT || path === top || (path.startsWith(top) && path.charCodeAt(top.length) === SLASH)
}

/** How many names the path has; 0 for the root. */
export function depthOf(path: string): number {
  if (path.length === 1) return 0
  let depth = 0
  for (let i = 0; i < path.length; i++) if (path.charCodeAt(i) === SLASH) depth += 1
  return depth
}

/** True for `/` and for nothing but spaces and control characters, around it or alone, as Java trims: getEphemerals takes it for all. */
export function isBlankOrRoot(prefix: string): boolean {
  let slashes = 0
  for (let i = 0; i < prefix.length; i++) {
    if (prefix.charCodeAt(i) === SLASH) slashes += 1
    else if (prefix.charCodeAt(i) > 0x20) return false
  }
  return slashes <= 1
}

/** The number that a sequential create appends: ten digits, a sign counting as one. */
export function sequenceSuffix(counter: number): string {
  const digits = String(Math.abs(counter))
  return counter < 0 ? `-${digits.padStart(9, '0')}` : digits.padStart(10, '0')
}

const SLASH = 0x2f
const DOT = 0x2e

function findNameFault(path: string, start: number, end: number): string | undefined {
  if (start === end) return `empty name at ${start}`
  if (path.charCodeAt(start) !== DOT) return undefined
  if (end - start === 1) return `relative name "." at ${start}`
  if (end - start === 2 && path.charCodeAt(start + 1) === DOT) return `relative name ".." at ${start}`
  return undefined
}

/** ZooKeeper looks at UTF-16 units, so every character outside the BMP is refused by its surrogates. */
function isForbidden(unit: number): boolean {
  return unit < 0x20 || (unit >= 0x7f && unit <= 0x9f) || (unit >= 0xd800 && unit <= 0xf8ff) || unit >= 0xfff0
}

function hex(unit: number): string {
  return unit.toString(16).toUpperCase().padStart(4, '0')
}
