/** Chroot: a client sees the tree from one znode down. Prefixed to what goes out, stripped from all that comes back. */
import { isAtOrBelow, ROOT, validatePath } from '../protocol/path.js'

/** Translates between a client's paths and the server's. Without a chroot both are the same. */
export class Chroot {
  /** The server path of the client's root; empty for none. */
  readonly prefix: string

  /** @throws TypeError if it cannot name a znode. `/` and the empty string mean none. */
  constructor(path: string = '') {
    if (path !== '') validatePath(path)
    this.prefix = path === ROOT ? '' : path
  }

  toServer(path: string): string {
    if (this.prefix === '') return path
    return path === ROOT ? this.prefix : this.prefix + path
  }

  /** For the path of a sequential create, to which a number is appended: `/` must not become a sibling of the chroot. */
  toServerPrefix(path: string): string {
    return this.prefix + path
  }

  /** For a path at or below the chroot. */
  toClient(path: string): string {
    if (this.prefix === '') return path
    return path.length === this.prefix.length ? ROOT : path.slice(this.prefix.length)
  }

  /** True if the client can see this server path. */
  contains(path: string): boolean {
    return this.prefix === '' || isAtOrBelow(path, this.prefix)
  }
}
