/**
 * Deeds: what each action does to a simulation, and what has to be so right after it: who takes a session over gets it and ends its old
 * connection (S7); who cannot, changes nothing for its owner (D1); a server that stood still expires nobody whom it has yet to hear (D44).
 */
import type { VirtualClock } from '../../src/testing/index.js'
import { create, setData } from '../../test/semantics/fixture.js'
import type { Action, Setup } from './action.js'
import { Claimant } from './claimant.js'
import type { Host } from './host.js'
import type { Ledger } from './ledger.js'
import type { Party } from './party.js'

/** As much of a simulation as actions need. */
export interface Stage {
  readonly setup: Setup
  readonly clock: VirtualClock
  readonly host: Host
  readonly ledger: Ledger
  /** The clients that live. */
  readonly parties: readonly Party[]
  count(what: string): void
  rest(): Promise<void>
  /** Lets time pass, in which nothing arrives anywhere. */
  pass(ms: number): Promise<void>
  writeAsRoot(requests: readonly (ReturnType<typeof create> | ReturnType<typeof setData>)[]): void
}

/** An action that is about one client. */
type ActionOnOne = Extract<Action, { readonly client: number }>
type Of<Kind extends Action['do']> = Extract<Action, { readonly do: Kind }>

/** What the server has from the start. */
export const BASE = ['/a', '/b', '/s'] as const
const FUTURE = 1_000
const MOST_IN_A_CROWD = 16
const CROWD_TIMEOUT_MS = 4_000
/** How long a server hangs before it dies. One that began anew at the moment of the other would give out the same session ids. */
const RESTART_MS = 1_237
/** A timer that is this late is no standstill yet. */
const LATE_MS = 100

/** Does it. What was done, for the count; undefined if there was nothing to do. */
export async function act(stage: Stage, action: Action): Promise<string | undefined> {
  switch (action.do) {
    case 'pass':
      return pass(stage, action.ms)
    case 'jump':
      stage.clock.jump(action.ms)
      return action.ms > 0 ? 'jump forward' : 'jump back'
    case 'hear everywhere':
      return hearEverywhere(stage)
    case 'burst':
      stage.writeAsRoot(Array.from({ length: action.writes }, () => setData(action.path)))
      return 'burst'
    case 'crowd':
      return crowd(stage)
    case 'snapshot':
      stage.host.putAway()
      return 'snapshot'
    case 'restart':
      return restart(stage, action)
    case 'pause':
      return pause(stage, action.ms)
    default: {
      const party = stage.parties[action.client % stage.parties.length]
      return party && actOn(stage, party, action)
    }
  }
}

function actOn(
  stage: Stage,
  party: Party,
  action: ActionOnOne,
): string | undefined | Promise<string | undefined> {
  const { client } = party
  switch (action.do) {
    case 'wish':
      party.wish(action.wish, action.path, action.layers)
      return `wish: ${action.wish}`
    case 'say':
      return say(party, action)
    case 'say late':
      return sayLate(party)
    case 'hear':
      return hear(party, action)
    case 'cut':
      return cut(stage, party, action)
    case 'half-open':
      return halfOpen(party, action)
    case 'give up':
      if (client.wire.isOverForClient) return undefined
      client.wire.giveUp()
      return 'give up'
    case 'hang up':
      return hangUp(stage, party)
    case 'redial':
      if (!client.wantsToDial) return undefined
      client.redial()
      return 'redial'
    case 'refuse':
      if (client.wire.isLocal) return undefined
      client.refuse(action.times)
      return 'refuse'
    case 'expire':
      return expire(stage, party)
    case 'take over':
      return takeOver(stage, party, action)
    case 'wrong password':
      return claimInVain(stage, party, 'wrong password')
    case 'future zxid':
      return claimInVain(stage, party, 'future zxid')
  }
}

async function pass(stage: Stage, ms: number): Promise<string> {
  const isDelay = stage.parties.some(({ client }) => client.wire.saidBytes + client.wire.heardBytes > 0)
  await stage.pass(ms)
  if (isDelay) stage.count('delay')
  return 'pass'
}

function hearEverywhere({ parties }: Stage): string | undefined {
  const hearers = parties.filter(({ client }) => client.wire.canHear)
  for (const { client } of hearers) client.hear()
  return hearers.length === 0 ? undefined : 'hear everywhere'
}

function say({ client }: Party, { bytes }: Of<'say'>): string | undefined {
  if (!client.wire.canSay) return undefined
  const isPart = bytes !== undefined && bytes < client.wire.saidBytes
  client.wire.say(bytes)
  return isPart ? 'say: a part' : 'say'
}

function sayLate({ client }: Party): string | undefined {
  const wire = client.formerWires.find(({ canSay }) => canSay)
  wire?.say()
  return wire && 'say late'
}

function hear({ client }: Party, { much }: Of<'hear'>): string | undefined {
  const { wire } = client
  if (!wire.canHear) return undefined
  if (wire.heardBytes === 0) {
    client.hear()
    return 'hear the end'
  }
  const bytes = wire.nextFrameBytes
  client.hear({ 'a frame': bytes, 'half a frame': Math.ceil(bytes / 2), all: undefined }[much])
  return `hear: ${much}`
}

function cut(stage: Stage, { client }: Party, action: Of<'cut'>): string | undefined {
  const { wire } = client
  if (wire.isOverForClient) return undefined
  const saidBytes = action.saidBytes % (wire.saidBytes + 1)
  const heardBytes = action.heardBytes % (wire.heardBytes + 1)
  if (saidBytes > 0 && saidBytes < wire.saidBytes) stage.count('cut in what was said')
  if (heardBytes > 0 && heardBytes < wire.heardBytes) stage.count('cut in what was heard')
  wire.say(saidBytes)
  client.hear(heardBytes)
  wire.cut()
  return 'cut'
}

function halfOpen({ client }: Party, { lost }: Of<'half-open'>): string | undefined {
  const { wire } = client
  if (wire.isLocal || wire.isOverForClient || wire.isOverForServer || wire.isHalfOpen) return undefined
  wire.loseWhatIs(lost)
  return `half-open: what is ${lost} is lost`
}

function hangUp({ host }: Stage, { client, zk }: Party): string | undefined {
  if (!client.wire.log.isBound) return undefined
  host.zoo.disconnect(zk.sessionId)
  return 'hang up'
}

function expire({ host, ledger }: Stage, { zk, client }: Party): string | undefined {
  if (!client.hasSession) return undefined
  ledger.sessions.ended(zk.sessionId, () => host.zoo.expire(zk.sessionId))
  return 'expire'
}

/** S7: the session moves, its old connection ends, and what that one still had to say is void. */
async function takeOver(
  stage: Stage,
  { client, zk }: Party,
  { zxid }: Of<'take over'>,
): Promise<string | undefined> {
  const { host, ledger } = stage
  const { sessionId, sessionPassword: password } = zk
  if (!client.hasSession) return undefined
  const { wire } = client
  const wasBound = wire.log.isBound
  const lastZxidSeen = zxid === 'stale' ? 1 : Number(host.zoo.reports.counts().zxid)
  const timeoutMs = zk.sessionTimeoutMs
  const accepted = (): void => {
    if (wasBound) ledger.forbid(wire.saidText)
  }
  const fields = { sessionId, password, lastZxidSeen, timeoutMs }
  const claimant = new Claimant(`who takes ${client.name} over`, { host, ledger, accepted }, fields)
  await stage.rest()
  const answer = claimant.takeAnswer()
  if (answer?.sessionId !== sessionId || claimant.isOverForServer)
    ledger.fault(`S7: session ${sessionId} cannot be resumed by who knows its password`)
  claimant.watch()
  host.join(claimant)
  if (wire.log.isBound) ledger.fault(`S7: the old connection of session ${sessionId} goes on`)
  return `take over, zxid ${zxid}`
}

/** D1: who has no right to a session changes nothing for its owner. */
async function claimInVain(
  stage: Stage,
  { client, zk }: Party,
  why: 'wrong password' | 'future zxid',
): Promise<string | undefined> {
  const { host, ledger } = stage
  const { sessionId, sessionPassword: password } = zk
  if (!client.hasSession) return undefined
  const wasBound = client.wire.log.isBound
  const { zxid } = host.zoo.reports.counts()
  const isFuture = why === 'future zxid'
  const lastZxidSeen = isFuture ? Number(zxid) + FUTURE : 0
  const given = isFuture ? password : password.map((byte) => byte ^ 1)
  const fields = { sessionId, password: given, lastZxidSeen }
  const claimant = new Claimant(`who claims ${client.name} in vain`, { host, ledger }, fields)
  await stage.rest()
  const answer = claimant.takeAnswer()
  const isRefused = isFuture ? answer === undefined : answer?.timeoutMs === 0 && answer.sessionId === 0n
  if (!isRefused || !claimant.isOverForServer)
    ledger.fault(`D1: a ${why} is answered with ${answer?.timeoutMs} for ${answer?.sessionId}`)
  if (wasBound !== client.wire.log.isBound || !ledger.sessions.isAlive(sessionId))
    ledger.fault(`D1: a ${why} costs the owner of session ${sessionId} its connection`)
  return `refused: ${why}`
}

async function restart(stage: Stage, { state }: Of<'restart'>): Promise<string | undefined> {
  const { host } = stage
  if (state === 'older' && !host.hasPutAway) return undefined
  host.clock.hold()
  await stage.pass(RESTART_MS)
  host.restart(state)
  if (state === 'lost') stage.writeAsRoot(BASE.map((path) => create(path)))
  if (state === 'older') await sendAwayWhoKnowsMore(stage)
  return `restart, state ${state}`
}

/**
 * S2: a server that has gone back to an older state shows it to nobody who has seen more, though it knows the session. As long as that
 * lasts such a client is of no use, and later it would take another history for its own, with a real server too: somebody ends it.
 */
async function sendAwayWhoKnowsMore(stage: Stage): Promise<void> {
  const { host, ledger, parties } = stage
  const { zxid } = ledger
  // What the server before this one has told is still on its way.
  for (const { client } of parties) client.hear()
  await stage.rest()
  const lost = parties.filter(
    ({ client, zk }) => ledger.sessions.isAlive(zk.sessionId) && client.seenZxid > zxid,
  )
  for (const { streams } of parties) streams.undone(zxid)
  for (const { client } of lost) {
    if (client.repliedZxid <= zxid) continue
    client.refuse(0)
    if (!client.wantsToDial) continue
    client.redial()
    await stage.rest()
    client.wire.say()
    await stage.rest()
    stage.count('refused: newer zxid')
    if (client.wire.log.isBound)
      ledger.fault(`S2: ${client.name}, which has seen zxid ${client.repliedZxid}, is shown ${zxid}`)
  }
  for (const { zk } of lost) ledger.sessions.ended(zk.sessionId, () => host.zoo.expire(zk.sessionId))
}

async function crowd(stage: Stage): Promise<string | undefined> {
  const { setup, host, ledger } = stage
  if (!setup.isNarrow) return undefined
  for (let i = 0; i < MOST_IN_A_CROWD; i++) {
    const claimant = new Claimant('one of a crowd', { host, ledger }, { timeoutMs: CROWD_TIMEOUT_MS })
    await stage.rest()
    if (claimant.takeAnswer() !== undefined) continue
    if (!claimant.isOverForServer) ledger.fault('A session too many is neither opened nor refused')
    return 'crowd: full'
  }
  ledger.fault('There is no limit to sessions')
  return undefined
}

/** D44: whoever has spoken meanwhile is heard before its time is up, if the server can notice that it stood still. */
async function pause(stage: Stage, ms: number): Promise<string> {
  const { host, ledger, parties, clock } = stage
  const { sessions } = ledger
  const quiet = parties.filter(({ client }) => client.wire.log.isBound && client.wire.saidBytes === 0)
  const { reports } = host.zoo
  const dueInMs = Math.min(...reports.sessions().map(({ id }) => reports.expiresInMs(id)))
  const timerMs = Math.max(clock.monotonicMs() + dueInMs, sessions.notBeforeMs)
  host.clock.hold()
  sessions.held()
  await stage.pass(ms)
  const speaking = quiet.filter(({ client }) => client.wire.saidBytes > 0 && client.wire.canSay)
  const lateMs = clock.monotonicMs() - timerMs
  const isLate = lateMs > LATE_MS
  sessions.released({ lengthMs: ms, givenBackMs: isLate ? lateMs : 0 })
  host.clock.release()
  await stage.rest()
  for (const { client } of parties) for (const wire of [client.wire, ...client.formerWires]) wire.say()
  await stage.rest()
  for (const { zk } of speaking) {
    if (isLate && sessions.hasExpired(zk.sessionId))
      ledger.fault(`D44: session ${zk.sessionId} expires though it has spoken while the server stood still`)
    if (isLate) stage.count('pause: somebody was heard late')
  }
  return 'pause'
}
