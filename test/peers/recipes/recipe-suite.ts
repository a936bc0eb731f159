/**
 * What the suites of recipes share: somebody else's program and a client of ours on one server, once for each server; and what is
 * held, by them or by us, with the same face.
 */
import { afterAll, beforeAll, expect } from 'vitest'
import type { ZooKeeper } from '../../../src/index.js'
import { isKeeperException } from '../../../src/index.js'
import { connect } from '../../../src/node/index.js'
import {
  type Acquirable,
  type Layout,
  LeaderElection,
  Lock,
  ReadWriteLock,
  Semaphore,
  type Tenure,
  TimeoutError,
} from '../../../src/recipes/index.js'
import { ask } from '../apache-process.js'
import { APACHE_SERVER } from '../java/server-pair.js'
import { describePeer, type PeerNeed } from '../peer.js'
import type { PeerProgram, PeerRecipe } from './peer-program.js'
import { type RecipeServer, type RecipeServerKind, startRecipeServer } from './recipe-server.js'

/** Somebody else's recipes. */
export interface RecipePeer {
  /** For titles. */
  readonly name: string
  readonly need: PeerNeed
  readonly layout: Layout
  /** Of those who exclude each other, who must not meet by chance, and why. */
  readonly deviations: readonly {
    readonly ours: HeldKind
    readonly theirs: HeldKind
    readonly reason: string
  }[]
  /** Starts their program with a session at a server. */
  start(connectString: string, sessionTimeoutMs: number): Promise<PeerProgram>
}

/** What the tests of a suite have. The functions are for tests, not for suites. */
export interface Given {
  readonly peer: RecipePeer
  server(): RecipeServer
  /** A client of ours. */
  zk(): ZooKeeper
  /** Their program. */
  program(): PeerProgram
  /** A path that no other test uses. Nobody has created it. */
  newPath(): string
}

/** What is held: a lock, a lease, the lead. */
export type HeldKind = 'lock' | 'read' | 'write' | 'semaphore' | 'election'

/** Somebody who holds it at times. */
export interface Holder {
  /** Waits for it, so many milliseconds at most; whether it was got. */
  acquire(timeoutMs?: number): Promise<boolean>
  /** Whether it was got at once, or after next to nothing. */
  attempt(): Promise<boolean>
  release(): Promise<void>
}

/** One who waits longer than this waits in vain. */
export const LONG_MS = 60_000
/** How long somebody waits that is not to get it. */
export const SHORT_MS = 300
const SESSION_TIMEOUT_MS = 20_000
const HOOK_MS = 120_000
/** How often a look is taken until something is seen. */
const LOOK = { interval: 10, timeout: 20_000 }

/** Declares the suite twice. */
export function describeWithEachRecipeServer(peer: RecipePeer, body: (given: Given) => void): void {
  const { name, need } = peer
  describePeer(`recipes of ${name} and ours on zoolet`, need, () => body(declare('zoolet', peer)))
  const both = {
    name: `${need.name} and ${APACHE_SERVER.name}`,
    find: () => need.find() && APACHE_SERVER.find(),
    install: `${need.install} && ${APACHE_SERVER.install}`,
  }
  describePeer(`recipes of ${name} and ours on the real server`, both, () => body(declare('apache', peer)))
}

function declare(kind: RecipeServerKind, peer: RecipePeer): Given {
  const made: { server?: RecipeServer; zk?: ZooKeeper; program?: PeerProgram } = {}
  let pathCount = 0
  beforeAll(async () => {
    const server = await startRecipeServer(kind)
    made.server = server
    made.zk = await connect(server.connectString, { sessionTimeoutMs: SESSION_TIMEOUT_MS })
    made.program = await peer.start(server.connectString, SESSION_TIMEOUT_MS)
  }, HOOK_MS)
  afterAll(async () => {
    await made.program?.end()
    await made.zk?.close()
    await made.server?.stop()
  }, HOOK_MS)
  return {
    peer,
    server: () => required(made.server),
    zk: () => required(made.zk),
    program: () => required(made.program),
    newPath: () => `/test${++pathCount}`,
  }
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The suite did not start')
  return value
}

/** One of ours. */
export function ourHolder(
  given: Given,
  kind: HeldKind,
  path: string,
  identifier = 'ours',
  leases = 1,
): Holder {
  const options = { layout: given.peer.layout, identifier }
  const zk = given.zk()
  switch (kind) {
    case 'lock':
      return new OurHolder(new Lock(zk, path, options))
    case 'read':
    case 'write':
      return new OurHolder(new ReadWriteLock(zk, path, options)[kind])
    case 'semaphore':
      return new OurHolder(new Semaphore(zk, path, leases, options))
    case 'election':
      return new OurHolder(candidate(new LeaderElection(zk, path, options)))
  }
}

/** One of theirs. */
export async function theirHolder(
  program: PeerProgram,
  kind: HeldKind,
  path: string,
  identifier = 'theirs',
  leases = 1,
): Promise<Holder> {
  const args = kind === 'semaphore' ? [identifier, leases] : [identifier]
  const recipe: PeerRecipe = await program.make(kind, path, ...args)
  const acquire = async (timeoutMs: number = LONG_MS): Promise<boolean> =>
    (await recipe.call('acquire', timeoutMs)) === true
  return {
    acquire,
    attempt: () => acquire(SHORT_MS),
    release: async () => {
      expect(await recipe.call('release')).toBe(true)
    },
  }
}

/** The parent of the znodes that stand in line for what is held. */
export function linePath({ peer }: Given, kind: HeldKind, path: string): string {
  if (kind !== 'semaphore') return path
  return peer.layout === 'kazoo' ? `${path}-__lock__` : `${path}/locks`
}

/** Resolves as soon as a znode has so many children. */
export async function untilChildren(given: Given, path: string, count: number): Promise<void> {
  await expect.poll(() => childCount(given.zk(), path), LOOK).toBe(count)
}

/** Resolves as soon as somebody has left a data or exists watch at a path. */
export async function untilWatched(given: Given, path: string): Promise<void> {
  const isWatched = async (): Promise<boolean> =>
    (await ask(given.server().port, 'wchp')).split('\n').includes(path)
  await expect.poll(isWatched, LOOK).toBe(true)
}

/** How many watches there are, of all sessions and of every kind. */
export async function watchCount(given: Given): Promise<number> {
  const report = await ask(given.server().port, 'mntr')
  return Number(/^zk_watch_count\t(\d+)$/m.exec(report)?.[1])
}

/** Resolves as soon as the function gives what is expected. */
export async function untilEqual(look: () => Promise<unknown>, expected: unknown): Promise<void> {
  await expect.poll(look, LOOK).toEqual(expected)
}

async function childCount(zk: ZooKeeper, path: string): Promise<number> {
  try {
    return (await zk.getChildren(path)).children.length
  } catch (error) {
    if (isKeeperException(error, 'NONODE')) return 0
    throw error
  }
}

class OurHolder implements Holder {
  readonly #acquirable: Pick<Acquirable, 'acquire' | 'tryAcquire'>
  #held: Tenure | undefined

  constructor(acquirable: Pick<Acquirable, 'acquire' | 'tryAcquire'>) {
    this.#acquirable = acquirable
  }

  async acquire(timeoutMs: number = LONG_MS): Promise<boolean> {
    try {
      this.#held = await this.#acquirable.acquire({ timeoutMs })
      return true
    } catch (error) {
      if (error instanceof TimeoutError) return false
      throw error
    }
  }

  async attempt(): Promise<boolean> {
    this.#held = (await this.#acquirable.tryAcquire()) ?? undefined
    return this.#held !== undefined
  }

  async release(): Promise<void> {
    await this.#held?.release()
  }
}

/** Who stands in an election waits: a try is a short wait. */
function candidate(election: LeaderElection): Pick<Acquirable, 'acquire' | 'tryAcquire'> {
  return {
    acquire: (options) => election.lead(options),
    tryAcquire: async () => {
      try {
        return await election.lead({ timeoutMs: SHORT_MS })
      } catch (error) {
        if (error instanceof TimeoutError) return null
        throw error
      }
    },
  }
}
