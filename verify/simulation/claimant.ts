/** Claimant: a connection of bytes that asks for a session, its own or somebody else's, and writes down what it is told. */
import { FrameSplitter } from '../../src/protocol/frame.js'
import { readConnectResponse } from '../../src/protocol/handshake.js'
import { JuteReader } from '../../src/protocol/jute.js'
import type { ConnectRequest, ConnectResponse } from '../../src/protocol/message.js'
import type { WireServerEnd } from '../../src/transport/wire-server-end.js'
import { connectFrame, FakeLink } from '../../test/transport/fake-link.js'
import type { Host } from './host.js'

/** One connection, which only shakes hands. */
export class Claimant {
  readonly #link = new FakeLink()
  readonly #end: WireServerEnd
  readonly #splitter = new FrameSplitter(Number.POSITIVE_INFINITY)

  /** Sends its handshake; `accepted` is called if the server takes it. */
  constructor(host: Host, fields: Partial<ConnectRequest>, accepted: () => void = () => undefined) {
    this.#end = host.accept(this.#link, (end, attach) =>
      attach({
        remoteAddress: end.remoteAddress,
        isLocal: end.isLocal,
        connected: (response) => {
          if (response.timeoutMs > 0) accepted()
          end.connected(response)
        },
        reply: (reply) => end.reply(reply),
        notify: (event) => end.notify(event),
        close: (refusal) => end.close(refusal),
      }),
    )
    this.#end.received(connectFrame(fields))
  }

  /** Whether the server has ended the connection. */
  get isClosed(): boolean {
    return this.#link.log.some((what) => what === 'end' || what === 'destroy')
  }

  /** The answer to the handshake; undefined if there is none. To be asked for once all is at rest. */
  takeAnswer(): ConnectResponse | undefined {
    this.#link.send()
    for (const bytes of this.#link.takeLeft()) this.#splitter.push(bytes)
    const frame = this.#splitter.next()
    return frame && readConnectResponse(new JuteReader(frame))
  }

  /** Goes away. */
  hangUp(): void {
    this.#end.closed()
  }
}
