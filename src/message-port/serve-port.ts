/** servePort: lets the other side of a message port, in a worker or a page, connect to an embedded server. */

import { EventLoopScheduler } from '../base/scheduler.js'
import type { EmbeddedZooKeeper } from '../embedded-zookeeper.js'
import { ReadingMemory } from '../protocol/reading-memory.js'
import { CnxnMeter, Latency } from '../transport/cnxn-meter.js'
import { type AcceptLink, type MessagePortLike, PortLinks } from '../transport/message-port.js'
import { TurnTaker } from '../transport/turn-taker.js'
import { UnsentTotal } from '../transport/unsent.js'
import { completeWireLimits, type WireLimits } from '../transport/wire-limits.js'
import { WireServerEnd } from '../transport/wire-server-end.js'
import { checkPort } from './check-port.js'

/** How a port is served. */
export interface ServePortOptions {
  /** Upper bounds of its connections; `maxClientCnxns` and `maxCnxns` do not apply to a port. */
  readonly limits?: Partial<WireLimits> | undefined
}

/** A served port. */
export interface PortEndpoint {
  /** Ends its connections; their sessions live on at the server. The port itself is left to its owner. */
  close(): void
}

/**
 * Serves an embedded server on a message port. The other side connects with `connectPort`, as often as it wants.
 * @throws TypeError for something that is no port or an unknown limit, RangeError for a bad limit
 */
export function servePort(
  zoo: EmbeddedZooKeeper,
  port: MessagePortLike,
  options: ServePortOptions = {},
): PortEndpoint {
  checkPort(port)
  const { clock } = zoo
  const limits = completeWireLimits(options.limits)
  const turns = new TurnTaker(new EventLoopScheduler())
  const unsent = new UnsentTotal(limits.maxTotalUnsentBytes)
  const memory = new ReadingMemory()
  const latency = new Latency()
  const accept: AcceptLink = (link) => {
    const meter = new CnxnMeter(clock.nowMs(), latency)
    return new WireServerEnd(link, (end) => zoo.attach(end), meter, { clock, limits, turns, unsent, memory })
  }
  const links = new PortLinks(port, { accept, clock })
  return { close: () => links.close() }
}
