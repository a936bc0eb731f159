/** Servers of a test's own, which say what no server would, and a client that does not listen. */
import type { Server } from 'node:net'
import { onTestFinished } from 'vitest'
import { JuteWriter } from '../../src/protocol/jute.js'
import type { CnxnEvents } from '../../verify/differential/cnxn.js'

/** Hears nothing. */
export const DEAF: CnxnEvents = {
  connected: () => undefined,
  reply: () => undefined,
  notify: () => undefined,
  closed: () => undefined,
}

/** Lets it listen until the test is over; resolves to its port. */
export async function listenOn(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** The bytes of one frame. */
export function frame(write: (out: JuteWriter) => void): Uint8Array {
  const out = new JuteWriter()
  out.frame(write)
  return out.take()
}
