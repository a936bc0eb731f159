/**
 * The identities that a client claims. They belong to the connection, so each new connection is told all of them first, in the
 * order in which they were added. Kept by ClientCnxn. Invariant: no two are equal.
 */
import { bytesEqual } from '../base/bytes.js'
import type { AuthRequest } from '../protocol/message.js'

/** An identity to claim. */
export interface Credential {
  readonly scheme: string
  readonly auth: Uint8Array
}

/** The credentials of one client. */
export class Credentials {
  readonly #all = new Set<AuthRequest>()

  /** All of them, oldest first. */
  get all(): Iterable<AuthRequest> {
    return this.#all
  }

  get size(): number {
    return this.#all.size
  }

  /** Remembers a credential; an equal one that is known already is returned instead. */
  add({ scheme, auth }: Credential): AuthRequest {
    for (const known of this.#all) if (known.scheme === scheme && bytesEqual(known.auth, auth)) return known
    const request: AuthRequest = { type: 'auth', scheme, auth }
    this.#all.add(request)
    return request
  }

  /** It was taken back before any server heard of it. */
  forget(request: AuthRequest): void {
    this.#all.delete(request)
  }
}
