/** Taps: a log between the two ends of a connection and those who use them, which notes everything that passes. Used by every kind of connection. */
import type { ClientEnd, ClientEvents, Intake, ServerEnd } from '../../src/transport/transport.js'
import type { CnxnLog } from './cnxn-log.js'

/** Takes a server's end into a server, past the log. */
export function tapServer(log: CnxnLog, end: ServerEnd, attach: (end: ServerEnd) => Intake): Intake {
  const intake = attach({
    remoteAddress: end.remoteAddress,
    isLocal: end.isLocal,
    writesAtOnce: end.writesAtOnce === true,
    connected: (response) => {
      if (response.timeoutMs > 0) log.accepted(response.sessionId)
      end.connected(response)
    },
    reply: (reply) => {
      log.replied(reply)
      end.reply(reply)
    },
    notify: (notification) => {
      log.notified(notification)
      end.notify(notification)
    },
    close: (refusal) => {
      log.over()
      end.close(refusal)
    },
  })
  return {
    connect: (request) => intake.connect(request),
    receive: (xid, request) => {
      log.received(xid, request)
      intake.receive(xid, request)
    },
    heard: () => intake.heard(),
    closed: () => {
      log.over()
      intake.closed()
    },
  }
}

/** What a client sends, past the log. */
export function tapClient(log: CnxnLog, end: ClientEnd): ClientEnd {
  return {
    connect: (request) => end.connect(request),
    send: (xid, request) => {
      log.said(xid, request)
      end.send(xid, request)
    },
    close: () => end.close(),
  }
}

/** What a client is told, past the log. */
export function tapEvents(log: CnxnLog, told: ClientEvents): ClientEvents {
  return {
    connected: (response) => told.connected(response),
    reply: (reply) => {
      log.heardReply(reply)
      told.reply(reply)
    },
    notify: (notification) => {
      log.heardEvent(notification)
      told.notify(notification)
    },
    disconnected: (why) => told.disconnected(why),
  }
}
