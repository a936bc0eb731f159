/** Every KeeperException that zoolet raises: provoked once, with its code, number, path and whole message. */
import { describe, expect, it } from 'vitest'
import { isKeeperException, isRetryable, isSessionFatal, Op } from '../../src/index.js'
import { allBut, failureOf, startWorld, type World } from './fixture.js'

interface Provocation {
  readonly code: string
  readonly errno: number
  readonly path: string | undefined
  readonly message: string
  readonly provoke: (world: World) => Promise<unknown>
}

const provocations: readonly Provocation[] = [
  {
    code: 'NONODE',
    errno: -101,
    path: '/gone',
    message: 'NONODE for /gone: the znode or its parent does not exist; createAll() makes parents too',
    provoke: ({ zk }) => zk.getData('/gone'),
  },
  {
    code: 'NOAUTH',
    errno: -102,
    path: '/locked',
    message: 'NOAUTH for /locked: the ACL does not permit this: addAuthInfo() first, or ask for another ACL',
    provoke: async ({ zk }) => {
      await zk.create('/locked', null, { acl: allBut('WRITE') })
      await zk.setData('/locked', 'x')
    },
  },
  {
    code: 'BADVERSION',
    errno: -103,
    path: '/a',
    message: 'BADVERSION for /a: the znode has another version by now: read it again, then retry',
    provoke: async ({ zk }) => {
      await zk.create('/a')
      await zk.setData('/a', 'x', 7)
    },
  },
  {
    code: 'NOCHILDRENFOREPHEMERALS',
    errno: -108,
    path: '/e/x',
    message: 'NOCHILDRENFOREPHEMERALS for /e/x: the parent is ephemeral and cannot have children',
    provoke: async ({ zk }) => {
      await zk.create('/e', null, { mode: 'EPHEMERAL' })
      await zk.create('/e/x')
    },
  },
  {
    code: 'NODEEXISTS',
    errno: -110,
    path: '/a',
    message: 'NODEEXISTS for /a: the znode exists already',
    provoke: async ({ zk }) => {
      await zk.create('/a')
      await zk.create('/a')
    },
  },
  {
    code: 'NOTEMPTY',
    errno: -111,
    path: '/a',
    message: 'NOTEMPTY for /a: the znode has children: delete them first, or use deleteAll()',
    provoke: async ({ zk }) => {
      await zk.createAll('/a/b')
      await zk.delete('/a')
    },
  },
  {
    code: 'SESSIONEXPIRED',
    errno: -112,
    path: '/a',
    message:
      'SESSIONEXPIRED for /a: the session is over and its ephemeral znodes are gone, or its password was wrong: connect anew',
    provoke: async ({ zoo, zk }) => {
      zoo.expire(zk)
      await zk.exists('/a')
    },
  },
  {
    code: 'INVALIDACL',
    errno: -114,
    path: '/a',
    message: 'INVALIDACL for /a: the ACL is empty, has a bad scheme or id, or needs addAuthInfo() first',
    provoke: ({ zk }) => zk.create('/a', null, { acl: [{ perms: 1, scheme: 'unknown', id: 'x' }] }),
  },
  {
    code: 'AUTHFAILED',
    errno: -115,
    path: undefined,
    message: 'AUTHFAILED: the server refused the credentials: connect anew with others',
    provoke: ({ zk }) => zk.addAuthInfo('unknown', 'x'),
  },
  {
    code: 'NOWATCHER',
    errno: -121,
    path: '/a',
    message: 'NOWATCHER for /a: no such watch is set',
    provoke: ({ zk }) => zk.removeWatches('/a'),
  },
  {
    code: 'QUOTAEXCEEDED',
    errno: -125,
    path: '/b',
    message: 'QUOTAEXCEEDED for /b: a quota or a limit is reached: delete something, or raise it',
    provoke: async ({ zk }) => {
      await zk.create('/a')
      await zk.create('/b')
    },
  },
  {
    code: 'THROTTLEDOP',
    errno: -127,
    path: '/a',
    message: 'THROTTLEDOP for /a: too many requests are waiting: slow down, or raise maxPendingRequests',
    provoke: async ({ zoo, zk }) => {
      zoo.disconnect(zk)
      const waiting = [1, 2].map(() => zk.sync('/a').catch((error: unknown) => error))
      const last = zk.exists('/a')
      zoo.reconnect(zk)
      await Promise.all([...waiting, last])
    },
  },
  {
    code: 'CONNECTIONLOSS',
    errno: -4,
    path: '/a',
    message:
      'CONNECTIONLOSS for /a: there was no connection, or it broke before the reply and the request may have been applied: read the state, then retry',
    provoke: async ({ zoo, zk }) => {
      zoo.loseNextReply(zk)
      await zk.create('/a')
    },
  },
  {
    code: 'MARSHALLINGERROR',
    errno: -5,
    path: '/q',
    message: 'MARSHALLINGERROR for /q: the server could not read the request: check its arguments',
    provoke: async ({ zk }) => {
      await zk.createAll('/zookeeper/quota/q/zookeeper_limits', 'nonsense')
      await zk.create('/zookeeper/quota/q/zookeeper_stats')
      await zk.create('/q')
    },
  },
  {
    code: 'UNIMPLEMENTED',
    errno: -6,
    path: '/t',
    message: 'UNIMPLEMENTED for /t: the server does not support this operation, or it is switched off there',
    provoke: ({ zk }) => zk.create('/t', null, { mode: 'PERSISTENT_WITH_TTL', ttlMs: 1 }),
  },
  {
    code: 'BADARGUMENTS',
    errno: -8,
    path: '/zookeeper',
    message: 'BADARGUMENTS for /zookeeper: the server refused an argument: the path, the mode or the TTL',
    provoke: ({ zk }) => zk.delete('/zookeeper'),
  },
]

const SERVERS: Readonly<Record<string, object>> = {
  UNIMPLEMENTED: { ttlNodes: false },
  QUOTAEXCEEDED: { limits: { maxZnodes: 5 } },
  THROTTLEDOP: { limits: { maxPendingRequests: 2 } },
  MARSHALLINGERROR: { enforceQuota: true },
}

describe('the error', () => {
  it.each(provocations)(
    '$code says what happened and what to do',
    async ({ code, errno, path, message, provoke }) => {
      const world = await startWorld({ server: SERVERS[code] ?? {} })

      const error = await failureOf(() => provoke(world))

      expect(error).toMatchObject({ name: 'KeeperException', code, errno, path, message })
    },
  )

  it('of a multi names the path of the operation that failed', async () => {
    const { zk } = await startWorld()

    const error = await failureOf(() => zk.multi([Op.check('/gone')]))

    expect(error).toMatchObject({
      code: 'NONODE',
      path: '/gone',
      message: 'NONODE for /gone: the znode or its parent does not exist; createAll() makes parents too',
    })
  })

  it('names the path of the client below its chroot', async () => {
    const { zoo } = await startWorld()
    const zk = await zoo.connect({ chroot: '/app' })

    expect(await failureOf(() => zk.getData('/x'))).toMatchObject({ path: '/x' })
  })

  it('is retryable, or the end of the session, or neither', async () => {
    const kinds = await Promise.all(
      provocations.map(async ({ code, provoke }) => {
        const error = await failureOf(async () => provoke(await startWorld({ server: SERVERS[code] ?? {} })))
        return [code, isRetryable(error) ? 'retryable' : isSessionFatal(error) ? 'fatal' : 'neither']
      }),
    )

    const special = kinds.filter(([, kind]) => kind !== 'neither')
    expect(special).toEqual([
      ['SESSIONEXPIRED', 'fatal'],
      ['AUTHFAILED', 'fatal'],
      ['THROTTLEDOP', 'retryable'],
      ['CONNECTIONLOSS', 'retryable'],
    ])
  })

  it('of connect says that the session to come back to is over', async () => {
    const { zoo, zk } = await startWorld()
    const session = { id: zk.sessionId, password: zk.sessionPassword }
    await zk.close()

    const error = await failureOf(() => zoo.connect({ session }))

    expect(isKeeperException(error, 'SESSIONEXPIRED')).toBe(true)
  })

  it('of connect says that the server is closed', async () => {
    const { zoo } = await startWorld()
    await zoo.close()

    expect(isKeeperException(await failureOf(() => zoo.connect()), 'SESSIONEXPIRED')).toBe(true)
  })

  it('of connect says that an identity is refused', async () => {
    const { zoo } = await startWorld()

    const error = await failureOf(() => zoo.connect({ auth: [{ scheme: 'unknown', auth: 'x' }] }))

    expect(isKeeperException(error, 'AUTHFAILED')).toBe(true)
  })
})
