/** S1, S2, S3 and what of T1 the answers alone show: the order of replies, of zxids, and of what was known when. */
import type { Exchange, History, Thread } from './history.js'
import { isWrite } from './requests.js'
import type { Session } from './sessions.js'
import type { Violation } from './violation.js'

/** S1: replies in the order of the requests, each with the xid of its own, none missing unless the connection has ended. */
export function checkReplies({ name, exchanges, heard, isClosed }: Thread): Violation[] {
  const violations: Violation[] = []
  const answered = heard.flatMap((each) => ('exchange' in each ? [each.exchange] : []))
  const isInOrder = answered.every((exchange, i) => exchange === exchanges[i])
  if (!isInOrder)
    violations.push({ rule: 'S1', thread: name, what: 'the replies are not in the order of the requests' })
  const odd = answered.find(({ xid, reply }) => xid !== undefined && reply !== undefined && xid !== reply.xid)
  if (odd !== undefined)
    violations.push({
      rule: 'S1',
      thread: name,
      what: `the reply to ${odd.request.type} ${odd.xid} has the xid ${odd.reply?.xid}`,
    })
  if (!isClosed && answered.length < exchanges.length)
    violations.push({
      rule: 'S1',
      thread: name,
      what: `${exchanges.length - answered.length} requests have no reply`,
    })
  return violations
}

/** S2: zxids never go back, over all connections of a session. */
export function checkZxidOrder({ threads }: Session): Violation[] {
  const violations: Violation[] = []
  let highest = 0
  for (const { name, heard } of threads) {
    for (const each of heard) {
      const zxid = 'exchange' in each ? (each.exchange.reply?.zxid ?? 0) : 0
      if (zxid > 0 && zxid < highest)
        violations.push({ rule: 'S2', thread: name, what: `zxid ${zxid} after ${highest}` })
      highest = Math.max(highest, zxid)
    }
  }
  return violations
}

/** S3: what was sent after a reply was heard comes after it; a write has a later zxid. */
export function checkRealTime({ threads }: History): Violation[] {
  const moments = threads.flatMap(({ name, exchanges }) =>
    exchanges.flatMap((exchange) => [
      { at: exchange.sentAt, name, exchange, isSent: true },
      { at: exchange.heardAt, name, exchange, isSent: false },
    ]),
  )
  moments.sort((a, b) => a.at - b.at)
  const floors = new Map<Exchange, number>()
  const violations: Violation[] = []
  let highest = 0
  for (const { name, exchange, isSent } of moments) {
    if (exchange.reply === undefined) continue
    const { zxid } = exchange.reply
    if (isSent) {
      floors.set(exchange, highest)
      continue
    }
    const floor = floors.get(exchange) ?? 0
    const isLate = isWrite(exchange) ? zxid > floor : zxid >= floor
    if (!isLate && zxid > 0)
      violations.push({
        rule: 'S3',
        thread: name,
        what: `${exchange.request.type} has zxid ${zxid}, though ${floor} was known before it was sent`,
      })
    highest = Math.max(highest, zxid)
  }
  return violations
}

/** T1: no zxid is given twice. That none is left out, the replay shows. */
export function checkTwice({ threads }: History): Violation[] {
  const zxids = threads.flatMap(({ exchanges }) =>
    exchanges.flatMap((exchange) => (isWrite(exchange) && exchange.reply ? [exchange.reply.zxid] : [])),
  )
  zxids.sort((a, b) => a - b)
  const twice = zxids.find((zxid, i) => i > 0 && zxid === zxids[i - 1])
  return twice === undefined ? [] : [{ rule: 'T1', thread: 'all', what: `zxid ${twice} was given twice` }]
}
