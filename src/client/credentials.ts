/**
 * The identities that a client has claimed. They belong to the connection, so each new connection is told all of them first,
 * in the order in which they were claimed. Kept by ClientCnxn. Invariant: no two are equal.
 */
import { bytesEqual } from '../base/bytes.js'
import type { AuthRequest, Request } from '../protocol/message.js'

/** An identity to claim. */
export interface Credential {
  readonly scheme: string
  readonly auth: Uint8Array
}

/** The credentials of one client. */
export class Credentials {
  readonly #all: AuthRequest[] = []

  /** All of them, oldest first. */
  get all(): readonly AuthRequest[] {
    return this.#all
  }

  /** Remembers a credential, unless an equal one is known already. */
  add(request: AuthRequest): void {
    if (!this.#all.some((known) => isSameCredential(known, request))) this.#all.push(request)
  }

  /** Those that none of these requests claims. */
  unclaimedBy(requests: readonly Request[]): readonly AuthRequest[] {
    return this.#all.filter(
      (known) => !requests.some((request) => request.type === 'auth' && isSameCredential(request, known)),
    )
  }
}

/** Whether both claim the same. */
function isSameCredential(one: AuthRequest, other: AuthRequest): boolean {
  if (one.scheme !== other.scheme || one.auth === null || other.auth === null) return false
  return bytesEqual(one.auth, other.auth)
}
