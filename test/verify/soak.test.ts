/** The soak: small runs find nothing in the code as it is, and find each leak that is put into a server or a client. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { SystemClock } from '../../src/base/clock.js'
import type { InspectionEvent, ZooKeeper } from '../../src/index.js'
import { acls } from '../../verify/soak/acls-scenario.js'
import { reconnects } from '../../verify/soak/reconnects-scenario.js'
import type { Scenario } from '../../verify/soak/scenario.js'
import { sessions } from '../../verify/soak/sessions-scenario.js'
import { createSlowReaders } from '../../verify/soak/slow-readers-scenario.js'
import { type SoakSize, soakStage } from '../../verify/soak/soak.js'
import { soak, soakSizeOf } from '../../verify/soak/soak-part.js'
import { watches } from '../../verify/soak/watches-scenario.js'
import { REAL_WORLD, type SoakWorld } from '../../verify/soak/world.js'

const MIB = 1_048_576
const KEPT_BYTES = 4_096
const LONG_MS = 60_000
/** Forced collections and sockets take their time on a busy machine. */
const PATIENT = { timeout: 30_000 }
const LIFTED = Number.POSITIVE_INFINITY
const UNLIMITED = { slowReaderBytes: LIFTED, maxUnsentBytes: LIFTED, maxTotalUnsentBytes: LIFTED }
const LOW_LIMITS = { slowReaderBytes: MIB, maxUnsentBytes: 2 * MIB, maxTotalUnsentBytes: 4 * MIB }
/** What stalls behind a socket of this machine: the more, the larger the buffers of the system. */
const STALLED = {
  title: 'stalled',
  operations: 0,
  readers: 4,
  limits: LOW_LIMITS,
  pathCharacters: 25_000,
  batchMs: 10,
}
const slowReaders = createSlowReaders([STALLED])
/** Each with one limit alone: how far behind one reader may be, and for how long, and all of them together. */
const ONE_LIMIT = [
  ['maxUnsentBytes', { ...UNLIMITED, maxUnsentBytes: MIB }],
  ['maxTotalUnsentBytes', { ...UNLIMITED, maxTotalUnsentBytes: 2 * MIB }],
  ['slowReaderBytes', { ...UNLIMITED, slowReaderBytes: MIB }],
] as const
/** Enough that one of two readers has to be dropped; ten virtual seconds are two batches. */
const DUE = { ...STALLED, readers: 2, pathCharacters: 100_000, batchMs: 5_000 }
const DUE_WRITES = 250

const SMALL_RUNS = [
  [watches, 700],
  [sessions, 250],
  [reconnects, 100],
  [acls, 1_000],
  [slowReaders, 100],
] as const

describe('a small run on the code as it is', PATIENT, () => {
  for (const [scenario, operations] of SMALL_RUNS) {
    it(`finds nothing left behind: ${scenario.name}`, async () => {
      expect(await faultsOf(scenario, operations)).toEqual([])
    })
  }
})

describe('a small run on code with a leak', PATIENT, () => {
  it('finds watchers that a client keeps after they were called', async () => {
    const kept: Uint8Array[] = []
    const world = worldWith((zk) => {
      const exists = zk.exists.bind(zk)
      zk.exists = (path, options) => {
        kept.push(new Uint8Array(KEPT_BYTES))
        return exists(path, options)
      }
    })

    const faults = await faultsOf(watches, 4_200, world)

    expect([faults, kept.length]).toEqual([
      [expect.stringMatching(/^external grew by 2\.\d+ MiB, .*: the limit is 1.00 MiB$/)],
      1_200,
    ])
  })

  it('finds watches that stay in the tables of the server', async () => {
    const world = worldWith(async (zk) => zk.addWatch('/elsewhere', () => undefined))

    const faults = await faultsOf(watches, 700, world)

    expect(faults).toContain("6 watches are left in the server's tables, the first on /elsewhere")
  })

  it('finds a timer that each session leaves at its clock', async () => {
    const world = worldWith((zk) => void zk.clock.setTimer(() => undefined, LONG_MS * LONG_MS))

    const faults = await faultsOf(sessions, 100, world)

    expect(faults).toEqual([
      'virtual timers: 100 more than before, 201 in the place of 101',
      '201 virtual timers wait after all was closed',
    ])
  })

  it('finds a real timer that each session leaves', async () => {
    const clock = new SystemClock()
    const world = worldWith(() => {
      const timer = clock.setTimer(() => undefined, LONG_MS)
      onTestFinished(() => timer.cancel())
    })

    const faults = await faultsOf(sessions, 100, world, { patienceMs: 0 })

    expect(faults).toContainEqual(expect.stringMatching(/^open Timeout: (9\d|1\d\d) more than before/))
  })

  it('finds an entry in a Map that each session of a commit leaves', { timeout: 90_000 }, async () => {
    const kept = new Map<bigint, boolean>()
    const world = worldWith((zk) => void kept.set(zk.sessionId, true))
    const { operations, warmUp } = commitSizeOf(sessions)

    const faults = await faultsOf(sessions, operations, world, { warmUp })

    expect([faults, kept.size]).toEqual([
      [expect.stringMatching(/^heapUsed grew by .*: the limit is 0\.54 MiB$/)],
      operations + warmUp + 1,
    ])
  })

  it('has enough sessions for that however few percent are asked for, but not if operations are', () => {
    const sizes = [commitSizeOf(sessions), sizeOf(sessions, { percent: 10 }), sizeOf(sessions, { runs: 100 })]

    expect(sizes.map(({ operations }) => operations)).toEqual([20_000, 100_000, 100])
  })

  it('is refused to the scenario that measures what idle things cost', async () => {
    const rest = { scenario: 'sizes', percent: '3' }
    const run = soak.run({ seed: 1, runs: undefined, rest, flags: new Set(['census']) })

    await expect(run).rejects.toThrow('--percent, --census: the scenario sizes takes no such option')
  })

  it('finds sessions that nobody ends', async () => {
    const world: SoakWorld = {
      ...REAL_WORLD,
      connect: async (zoo, options) => {
        await zoo.connect()
        return REAL_WORLD.connect(zoo, options)
      },
    }

    const faults = await faultsOf(sessions, 100, world)

    expect(faults).toContain('sessions: 202 in the place of 102')
  })

  it('finds that clients have more watches after a storm than before it', async () => {
    const world = worldWith((zk) => {
      zk.on('connected', () => zk.addWatch('/elsewhere', () => undefined))
    })

    const faults = await faultsOf(reconnects, 100, world)

    expect(faults).toContain('after storm 1 there are 2586 watches in the place of 2388')
  })

  it('finds ACLs that a server keeps after their znodes are gone', async () => {
    const kept: InspectionEvent[] = []
    const world: SoakWorld = {
      ...REAL_WORLD,
      createServer: (options) => {
        const zoo = REAL_WORLD.createServer(options)
        zoo.inspect((event) => void (event.kind === 'request' && kept.push(event)))
        return zoo
      },
    }

    const faults = await faultsOf(acls, 3_000, world)

    expect([faults, kept.length > 6_000]).toEqual([[expect.stringMatching(/^heapUsed grew by/)], true])
  })

  it('finds what a listener without limits holds for clients that do not read', async () => {
    const faults = await faultsOf(slowReaders, 300, WITHOUT_LIMITS)

    expect(faults[0]).toMatch(/MiB were held for readers that do not read: the limit is 8.00 MiB$/)
  })
})

describe('readers that do not read', PATIENT, () => {
  it.each(ONE_LIMIT)('are dropped for %s alone', async (_, limits) => {
    const faults = await faultsOf(createSlowReaders([{ ...DUE, limits }]), DUE_WRITES)

    expect(faults).toEqual([])
  })

  it.each(ONE_LIMIT)('and are not dropped although it is due are a fault: %s', async (_, limits) => {
    const faults = await faultsOf(createSlowReaders([{ ...DUE, limits }]), DUE_WRITES, WITHOUT_LIMITS)

    expect(faults).toContainEqual(
      expect.stringMatching(/^no reader was dropped in 250 writes: the first is due after \d+$/),
    )
  })
})

/** How much of the first stage of a scenario a commit runs. */
function commitSizeOf(scenario: Scenario): SoakSize {
  return sizeOf(scenario, {})
}

function sizeOf(
  { stages: [plan] }: Scenario,
  { percent = 1, runs }: { readonly percent?: number; readonly runs?: number },
): SoakSize {
  if (plan === undefined) throw new RangeError('there is no stage')
  return soakSizeOf(plan, percent, { seed: 1, runs, rest: {}, flags: new Set() })
}

/** The limits of a stage do not reach its listener. */
const WITHOUT_LIMITS: SoakWorld = {
  ...REAL_WORLD,
  listen: (zoo) => REAL_WORLD.listen(zoo, { port: 0, limits: UNLIMITED }),
}

/** What is wrong after a small run of the first stage of a scenario. */
async function faultsOf(
  scenario: Scenario,
  operations: number,
  world: SoakWorld = REAL_WORLD,
  size: Partial<SoakSize> = {},
): Promise<readonly string[]> {
  const [plan] = scenario.stages
  if (plan === undefined) throw new RangeError(`${scenario.name} has no stage`)
  const { faults } = await soakStage(scenario, plan, world, {
    operations,
    warmUp: operations,
    seed: 1,
    ...size,
  })
  return faults
}

/** A world whose clients in process are changed once they are connected. */
function worldWith(change: (zk: ZooKeeper) => unknown): SoakWorld {
  return {
    ...REAL_WORLD,
    connect: async (zoo, options) => {
      const zk = await REAL_WORLD.connect(zoo, options)
      await change(zk)
      return zk
    },
  }
}
