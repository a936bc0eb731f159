/** Paths in the model: the naive reading of the reference's section 1. Strings in, strings out. */

const FORBIDDEN: readonly (readonly [number, number])[] = [
  [0x0000, 0x001f],
  [0x007f, 0x009f],
  [0xd800, 0xf8ff],
  [0xfff0, 0xffff],
]

/** True if the path passes the full validation of section 1.1. */
export function isValidPath(path: string): boolean {
  if (!path.startsWith('/')) return false
  if (path === '/') return true
  for (let i = 0; i < path.length; i++) {
    const unit = path.charCodeAt(i)
    if (FORBIDDEN.some(([low, high]) => unit >= low && unit <= high)) return false
  }
  const names = path.slice(1).split('/')
  return names.every((name) => name !== '' && name !== '.' && name !== '..')
}

/** The parent: what stands before the last slash; the root for `/x`, and for `/` itself. */
export function parentOf(path: string): string {
  const before = path.slice(0, path.lastIndexOf('/'))
  return before === '' ? '/' : before
}

/** The name below the parent. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The path and all of its ancestors, nearest first, down to `/`. */
export function selfAndAncestors(path: string): readonly string[] {
  const chain = [path]
  for (let at = path; at !== '/'; ) {
    at = parentOf(at)
    chain.push(at)
  }
  return chain
}

/** True if the first path is strictly below the second. */
export function isBelow(path: string, ancestor: string): boolean {
  return path !== ancestor && path.startsWith(ancestor === '/' ? '/' : `${ancestor}/`)
}

/** The nodes that nobody may delete: section 1.4. */
export const RESERVED: readonly string[] = ['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config']
