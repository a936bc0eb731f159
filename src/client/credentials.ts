/**
 * The identities a client has claimed. They belong to the connection, so each new connection is told all of them first, in
 * the order in which they were added. Kept by ClientCnxn.
 */
import type { KeeperException } from '../protocol/keeper-exception.js'
import type { AuthRequest } from '../protocol/message.js'

interface Credential {
  readonly request: AuthRequest
  readonly accepted: () => void
  readonly refused: (error: unknown) => void
}

/** The credentials of one client. */
export class Credentials {
  readonly #all: Credential[] = []
  #sent: Credential[] = []

  /** Remembers a credential. The promise settles with the server's answer, which may come after several connections. */
  add(scheme: string, auth: Uint8Array, send: ((request: AuthRequest) => void) | undefined): Promise<void> {
    return new Promise((accepted, refused) => {
      const credential: Credential = { request: { type: 'auth', scheme, auth }, accepted, refused }
      this.#all.push(credential)
      if (send !== undefined) this.#send(credential, send)
    })
  }

  /** Sends all of them on a new connection. */
  replay(send: (request: AuthRequest) => void): void {
    this.#sent = []
    for (const credential of this.#all) this.#send(credential, send)
  }

  /** The server accepted the oldest one that it had not answered. Returns how to tell whoever added it. */
  accept(): (() => void) | undefined {
    return this.#sent.shift()?.accepted
  }

  /** Nothing will be answered any more. */
  refuseAll(error: KeeperException): void {
    for (const credential of this.#all) credential.refused(error)
  }

  #send(credential: Credential, send: (request: AuthRequest) => void): void {
    this.#sent.push(credential)
    send(credential.request)
  }
}
