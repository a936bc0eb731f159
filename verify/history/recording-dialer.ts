/** RecordingDialer: dials the connections of a client of this process, and notes in a History what goes over. */

import type { Request } from '../../src/protocol/message.js'
import type { InProcessDialer } from '../../src/transport/in-process.js'
import type { ClientEnd, ClientEvents, Dialer } from '../../src/transport/transport.js'
import type { History } from './history.js'

/** Around an in-process link. */
export class RecordingDialer implements Dialer {
  readonly #dialer: InProcessDialer
  readonly #history: History
  readonly #name: string

  constructor(dialer: InProcessDialer, history: History, name: string) {
    this.#dialer = dialer
    this.#history = history
    this.#name = name
  }

  dial(events: ClientEvents): ClientEnd {
    const history = this.#history
    const thread = history.begin(`${this.#name}, connection ${history.threads.length + 1}`)
    const types = new Map<number, Request['type']>()
    const end = this.#dialer.dial({
      connected: (answer) => {
        history.connected(thread, answer)
        events.connected(answer)
      },
      reply: (reply) => {
        const type = types.get(reply.xid)
        if (type === undefined) throw new Error(`A reply to nothing: xid ${reply.xid}`)
        history.replied(thread, type, reply)
        events.reply(reply)
      },
      notify: (event) => {
        history.notified(thread, event)
        events.notify(event)
      },
      disconnected: (why) => {
        // Without a word about it the link itself has broken.
        history.ended(thread, why === undefined ? 'loss' : 'server')
        history.drained(thread)
        events.disconnected(why)
      },
    })
    return {
      connect: (hello) => {
        history.asked(thread, hello)
        end.connect(hello)
      },
      send: (xid, request) => {
        types.set(xid, request.type)
        history.sent(thread, request, xid)
        end.send(xid, request)
      },
      close: () => {
        history.ended(thread, 'client')
        history.drained(thread)
        end.close()
      },
    }
  }
}
