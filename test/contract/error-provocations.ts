/** How each code is provoked from each operation that can end with it, once. */
import { type Code, OPEN_ACL_UNSAFE, Op, type ZooKeeper } from '../../src/index.js'
import { allBut, codeOf } from '../semantics/fixture.js'
import { CALL_NAMES, CALLS, type CallName, type Operation, PREPARATIONS } from './error-operations.js'
import { hard, startQuota } from './quota.contract.js'
import type { World } from './world.js'

/** One cell. */
export interface Provocation {
  readonly operation: Operation
  readonly code: Code
  readonly provoke: (world: World) => Promise<unknown>
}

type Calls = Readonly<Partial<Record<Operation, (zk: ZooKeeper, world: World) => Promise<unknown>>>>

const ignore = (): void => undefined
const INVALID_ACL = [{ perms: 1, scheme: 'unknown', id: '' }]
const TTL = { mode: 'PERSISTENT_WITH_TTL', ttlMs: 600_000 } as const

/** Those that go over the connection and can lose it. */
const CONNECTED = CALL_NAMES.filter((name) => name !== 'close')

const GENERAL: readonly Provocation[] = [
  ...CALL_NAMES.map((operation) => ({
    operation,
    code: 'OK' as const,
    provoke: async ({ zk }: World) => {
      await zk.create('/a')
      await PREPARATIONS[operation]?.(zk)
      await CALLS[operation](zk)
    },
  })),
  ...CONNECTED.map((operation) => ({
    operation,
    code: 'CONNECTIONLOSS' as const,
    provoke: async (world: World) => {
      const { zk, link } = await world.connectByLink()
      await PREPARATIONS[operation]?.(zk)
      link.loseNextReply()
      await CALLS[operation](zk)
    },
  })),
  ...CONNECTED.map((operation) => ({
    operation,
    code: 'SESSIONEXPIRED' as const,
    provoke: async ({ zk }: World) => {
      await zk.close()
      await CALLS[operation](zk)
    },
  })),
  ...CONNECTED.map((operation) => ({
    operation,
    code: 'AUTHFAILED' as const,
    provoke: async ({ zk }: World) => {
      await codeOf(zk.addAuthInfo('unknown', ''))
      await CALLS[operation](zk)
    },
  })),
  ...CONNECTED.map((operation) => ({
    operation,
    code: 'THROTTLEDOP' as const,
    provoke: (world: World) => callBehindAnother(world, operation),
  })),
]

/** A client that may have one call under way, and has one: the next is refused. */
async function callBehindAnother(world: World, operation: CallName): Promise<unknown> {
  const server = await world.startServer({ limits: { maxPendingRequests: 1 } })
  const { zk, link } = await server.connectByLink()
  world.keep(zk)
  const lost = new Promise<void>((resolve) => void zk.once('disconnected', () => resolve()))
  link.cut()
  await lost
  zk.exists('/').catch(ignore)
  return CALLS[operation](zk)
}

const OF_CONNECT: Readonly<Partial<Record<Code, (world: World) => Promise<unknown>>>> = {
  OK: (world) => world.connect(),
  CONNECTIONLOSS: async (world) => {
    const server = await world.startServer({})
    await server.close()
    await server.connect({ connectTimeoutMs: 50 })
  },
  SESSIONEXPIRED: (world) => world.connect({ session: { id: 99n, password: new Uint8Array(16) } }),
  AUTHFAILED: (world) => world.connect({ auth: [{ scheme: 'unknown', auth: '' }] }),
  NONODE: (world) => world.connect({ chroot: `${world.top}/gone` }),
  QUOTAEXCEEDED: async (world) => {
    const server = await world.startServer({ limits: { maxSessions: 1 } })
    world.keep(await server.connect())
    await server.connect({ connectTimeoutMs: 50 })
  },
}

/** By code: each operation that can end with it for a reason of its own. */
const SPECIAL: Readonly<Partial<Record<Code, Calls>>> = {
  NONODE: {
    create: (zk) => zk.create('/gone/x'),
    createAll: async (zk, world) => {
      await zk.createAll('/p/q')
      const below = await world.connect({ chroot: `${world.top}/p/q` })
      await zk.deleteAll('/p')
      await below.createAll('/a/b')
    },
    delete: (zk) => zk.delete('/gone'),
    getData: (zk) => zk.getData('/gone'),
    setData: (zk) => zk.setData('/gone', 'x'),
    getACL: (zk) => zk.getACL('/gone'),
    setACL: (zk) => zk.setACL('/gone', OPEN_ACL_UNSAFE),
    getChildren: (zk) => zk.getChildren('/gone'),
    getAllChildrenNumber: (zk) => zk.getAllChildrenNumber('/gone'),
    multi: (zk) => zk.multi([Op.check('/gone')]),
    transaction: (zk) => zk.transaction().delete('/gone').commit(),
  },
  NOAUTH: {
    create: locked('CREATE', (zk) => zk.create('/locked/y')),
    createAll: locked('CREATE', (zk) => zk.createAll('/locked/y/z')),
    delete: locked('DELETE', (zk) => zk.delete('/locked/x')),
    deleteAll: locked('DELETE', (zk) => zk.deleteAll('/locked/x')),
    exists: locked('READ', (zk) => zk.exists('/locked')),
    getData: locked('READ', (zk) => zk.getData('/locked')),
    setData: locked('WRITE', (zk) => zk.setData('/locked', 'x')),
    getACL: async (zk) => {
      await zk.create('/locked', null, { acl: [{ perms: 2, scheme: 'world', id: 'anyone' }] })
      await zk.getACL('/locked')
    },
    setACL: locked('ADMIN', (zk) => zk.setACL('/locked', OPEN_ACL_UNSAFE)),
    getChildren: locked('READ', (zk) => zk.getChildren('/locked')),
    getAllChildrenNumber: locked('READ', (zk) => zk.getAllChildrenNumber('/locked')),
    multi: locked('READ', (zk) => zk.multi([Op.check('/locked')])),
    transaction: locked('WRITE', (zk) => zk.transaction().setData('/locked', 'x').commit()),
  },
  BADVERSION: {
    delete: (zk) => withA(zk, () => zk.delete('/a', 7)),
    setData: (zk) => withA(zk, () => zk.setData('/a', 'x', 7)),
    setACL: (zk) => withA(zk, () => zk.setACL('/a', OPEN_ACL_UNSAFE, 7)),
    multi: (zk) => withA(zk, () => zk.multi([Op.check('/a', 7)])),
    transaction: (zk) => withA(zk, () => zk.transaction().check('/a', 7).commit()),
  },
  NODEEXISTS: {
    create: (zk) => withA(zk, () => zk.create('/a')),
    multi: (zk) => withA(zk, () => zk.multi([Op.create('/a')])),
    transaction: (zk) => withA(zk, () => zk.transaction().create('/a').commit()),
  },
  NOTEMPTY: {
    delete: (zk) => zk.createAll('/a/x').then(() => zk.delete('/a')),
    multi: (zk) => zk.createAll('/a/x').then(() => zk.multi([Op.delete('/a')])),
    transaction: (zk) => zk.createAll('/a/x').then(() => zk.transaction().delete('/a').commit()),
  },
  NOCHILDRENFOREPHEMERALS: {
    create: (zk) => withEphemeral(zk, () => zk.create('/e/x')),
    createAll: (zk) => withEphemeral(zk, () => zk.createAll('/e/x/y')),
    multi: (zk) => withEphemeral(zk, () => zk.multi([Op.create('/e/x')])),
    transaction: (zk) => withEphemeral(zk, () => zk.transaction().create('/e/x').commit()),
  },
  INVALIDACL: {
    create: (zk) => zk.create('/n', null, { acl: INVALID_ACL }),
    createAll: (zk) => zk.createAll('/n/x', null, { acl: INVALID_ACL }),
    setACL: (zk) => withA(zk, () => zk.setACL('/a', INVALID_ACL)),
    multi: (zk) => zk.multi([Op.create('/n', null, { acl: INVALID_ACL })]),
    transaction: (zk) => zk.transaction().create('/n', null, { acl: INVALID_ACL }).commit(),
  },
  NOWATCHER: {
    removeWatches: (zk) => zk.removeWatches('/a'),
    checkWatches: (zk) => zk.checkWatches('/a'),
  },
  BADARGUMENTS: {
    create: withServer({ limits: { maxPathDepth: 0 } }, (zk) => zk.create('/n')),
    createAll: withServer({ limits: { maxPathDepth: 0 } }, (zk) => zk.createAll('/n')),
    delete: (zk) => zk.delete('/'),
    deleteAll: async (_zk, world) => (await world.connectAnywhere()).deleteAll('/zookeeper/config'),
    multi: (zk) => zk.multi([Op.delete('/')]),
    transaction: (zk) => zk.transaction().delete('/').commit(),
  },
  UNIMPLEMENTED: {
    create: withServer({ ttlNodes: false }, (zk) => zk.create('/n', null, TTL)),
    createAll: withServer({ ttlNodes: false }, (zk) => zk.createAll('/n/x', null, TTL)),
    multi: withServer({ ttlNodes: false }, (zk) => zk.multi([Op.create('/n', null, TTL)])),
    transaction: withServer({ ttlNodes: false }, (zk) => zk.transaction().create('/n', null, TTL).commit()),
  },
  MARSHALLINGERROR: {
    create: withUnreadableQuota((zk) => zk.create('/q/b')),
    createAll: withUnreadableQuota((zk) => zk.createAll('/q/b')),
    setData: withUnreadableQuota((zk) => zk.setData('/q/a', 'longer')),
    multi: withUnreadableQuota((zk) => zk.multi([Op.create('/q/b')])),
    transaction: withUnreadableQuota((zk) => zk.transaction().setData('/q/a', 'longer').commit()),
    multiRead: withServer({ limits: { maxMultiOps: 1 } }, (zk) =>
      zk.multiRead([Op.getData('/'), Op.getData('/')]),
    ),
  },
  QUOTAEXCEEDED: {
    create: withFullQuota((zk) => zk.create('/q/b')),
    createAll: withFullQuota((zk) => zk.createAll('/q/b/c')),
    setData: withFullQuota((zk) => zk.setData('/q/a', 'longer')),
    multi: withFullQuota((zk) => zk.multi([Op.create('/q/b')])),
    transaction: withFullQuota((zk) => zk.transaction().create('/q/b').commit()),
    exists: withoutWatches((zk) => zk.exists('/', { watcher: ignore })),
    getData: withoutWatches((zk) => zk.getData('/', { watcher: ignore })),
    getChildren: withoutWatches((zk) => zk.getChildren('/', { watcher: ignore })),
    addWatch: withoutWatches((zk) => zk.addWatch('/', ignore)),
    watch: withoutWatches((zk) => zk.watch('/').ready),
  },
}

const isOperation = (name: string): name is Operation => name === 'connect' || name in CALLS
const codesOf = (table: object): Code[] => Object.keys(table) as Code[]

/** All cells. */
export const PROVOCATIONS: readonly Provocation[] = [
  ...GENERAL,
  ...codesOf(OF_CONNECT).map((code) => ({
    operation: 'connect' as const,
    code,
    provoke: OF_CONNECT[code] ?? missing,
  })),
  ...codesOf(SPECIAL).flatMap((code) =>
    Object.entries(SPECIAL[code] ?? {}).map(([operation, call]) => ({
      operation: isOperation(operation) ? operation : missing(),
      code,
      provoke: (world: World) => call(world.zk, world),
    })),
  ),
]

type SpecialCall = (zk: ZooKeeper, world: World) => Promise<unknown>

/** `/locked` with a child `/locked/x`, and everything permitted but this. */
function locked(perm: Parameters<typeof allBut>[0], call: (zk: ZooKeeper) => Promise<unknown>): SpecialCall {
  return async (zk) => {
    await zk.createAll('/locked/x')
    await zk.setACL('/locked', allBut(perm))
    await call(zk)
  }
}

function withServer(
  options: Parameters<World['startServer']>[0],
  call: (zk: ZooKeeper) => Promise<unknown>,
): SpecialCall {
  return async (_zk, world) => {
    const server = await world.startServer(options)
    await call(world.keep(await server.connect()))
  }
}

function withoutWatches(call: (zk: ZooKeeper) => Promise<unknown>): SpecialCall {
  return withServer({ limits: { maxWatchesPerSession: 0 } }, call)
}

function withFullQuota(call: (zk: ZooKeeper) => Promise<unknown>): SpecialCall {
  return async (zk, world) => {
    await startQuota(world, hard(0, 0))
    await call(zk)
  }
}

function withUnreadableQuota(call: (zk: ZooKeeper) => Promise<unknown>): SpecialCall {
  return async (zk, world) => {
    const quota = await startQuota(world, hard(-1, -1))
    await quota.zk.setData(quota.limitsPath, 'nonsense')
    await call(zk)
  }
}

async function withA(zk: ZooKeeper, call: () => Promise<unknown>): Promise<unknown> {
  await zk.create('/a')
  return call()
}

async function withEphemeral(zk: ZooKeeper, call: () => Promise<unknown>): Promise<unknown> {
  await zk.create('/e', null, { mode: 'EPHEMERAL' })
  return call()
}

function missing(): never {
  throw new Error('There is a hole in the table')
}
