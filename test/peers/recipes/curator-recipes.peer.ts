/**
 * Apache Curator (Java) and zoolet hold the same locks, count the same counters and find each other's services, with its layout.
 *
 * Known of Curator 5.4, and left alone: its service discovery does not write down that an instance is disabled unless it is given a
 * serializer that does (CURATOR-394); a GroupMember cannot list a group in which somebody has null as data; who gives up entering a
 * DistributedDoubleBarrier leaves its znode there, so that it counts; who leaves one, has deleted its znode and is woken when one
 * other's alone is left goes without waiting for that (8 of 150 rounds of three members, all of them Curator's, on a real server).
 */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  LeaderElection,
  Lock,
  ReadWriteLock,
  Semaphore,
  ServiceDiscovery,
  uriOf,
} from '../../../src/recipes/index.js'
import { compileJava, isJavaInstalled, JAVA, JAVA_ARGUMENTS, jarPaths } from '../java/java-program.js'
import type { PeerNeed } from '../peer.js'
import { PeerProgram } from './peer-program.js'
import {
  describeWithEachRecipeServer,
  type Given,
  LONG_MS,
  type RecipePeer,
  untilChildren,
  untilEqual,
} from './recipe-suite.js'
import { describeHolding } from './shared-holding.js'
import {
  declareBarriers,
  declareCounters,
  declareDoubleBarriers,
  declareGroups,
  declareRounds,
} from './shared-meetings.js'

const SOURCE_FOLDER = fileURLToPath(new URL('curator', import.meta.url))
const JARS = jarPaths(
  'curator-client',
  'curator-framework',
  'curator-recipes',
  'curator-x-discovery',
  'jackson-annotations',
  'jackson-core',
  'jackson-databind',
  'guava',
  'slf4j-api',
  'zookeeper',
  'zookeeper-jute',
)

const CURATOR: PeerNeed = {
  name: 'Apache Curator and a Java compiler',
  find: () => isJavaInstalled(JARS),
  install: 'apt-get install libcurator-recipes-java libcurator-discovery-java openjdk-17-jdk-headless',
}

const curator: RecipePeer = {
  name: 'Curator',
  need: CURATOR,
  layout: 'curator',
  deviations: [],
  start: async (connectString, sessionTimeoutMs) => {
    const classFolder = await compileJava({ name: 'curator', sourceFolder: SOURCE_FOLDER, jars: JARS })
    const classPath = [classFolder, ...JARS].join(':')
    const args = [...JAVA_ARGUMENTS, '-cp', classPath, 'Main', connectString, String(sessionTimeoutMs)]
    return PeerProgram.start(JAVA, args)
  },
}

describeWithEachRecipeServer(curator, (given) => {
  describeHolding(given)
  describe('who contends', () => declareContenders(given))
  describe('counters', () => declareCounters(given, 'counter', 'curator'))
  describe('barriers', () => {
    declareBarriers(given)
    declareDoubleBarriers(given)
    declareRounds(given)
  })
  describe('a group', () => declareGroups(given))
  describe('service discovery', () => {
    declareFound(given)
    declareFinding(given)
    declareRead(given)
    declareComings(given)
  })
})

function declareContenders(given: Given): void {
  const ours = {
    lock: (path: string) => new Lock(given.zk(), path, { identifier: 'our ö' }),
    write: (path: string) => {
      const lock = new ReadWriteLock(given.zk(), path, { identifier: 'our ö' })
      return { acquire: () => lock.write.acquire(), contenders: () => lock.contenders() }
    },
    read: (path: string) => {
      const lock = new ReadWriteLock(given.zk(), path, { identifier: 'our ö' })
      return { acquire: () => lock.read.acquire(), contenders: () => lock.contenders() }
    },
    election: (path: string) => {
      const election = new LeaderElection(given.zk(), path, { identifier: 'our ö' })
      return { acquire: () => election.lead(), contenders: () => election.participants() }
    },
  } as const

  it.each(['lock', 'write', 'read', 'election'] as const)('both read who contends for a %s', async (kind) => {
    const path = given.newPath()
    const own = ours[kind](path)
    const held = await own.acquire()
    const theirs = await given.program().make(kind, path, 'their ü')

    const got = theirs.call('acquire', LONG_MS)
    await untilChildren(given, path, 2)
    const watcher = await given.program().make(kind, path, 'nobody')

    expect(await watcher.call('contenders')).toEqual(['our ö', 'their ü'])
    expect(await own.contenders()).toEqual(['our ö', 'their ü'])
    await held.release()
    await got
    await theirs.call('release')
  })

  it('leases have holders by name, to both', async () => {
    const path = given.newPath()
    const theirs = await given.program().make('semaphore', path, 'their ü', 2)
    const own = new Semaphore(given.zk(), path, 2, { identifier: 'our ö' })

    expect(await theirs.call('acquire', LONG_MS)).toBe(true)
    const lease = await own.acquire()

    expect((await own.holders()).sort()).toEqual(['our ö', 'their ü'])
    expect(await theirs.call('contenders')).toEqual(['our ö', 'their ü'])
    await lease.release()
    await theirs.call('release')
  })
}

/** An instance as both sides register it; the payload is a Java map to Java. */
const INSTANCE = {
  name: 'web',
  address: '127.0.0.1',
  port: 8080,
  sslPort: 8443,
  uriSpec: '{scheme}://{address}:{ssl-port}/{name}/{id}?{[}ü{]}',
} as const
const URI = 'https://127.0.0.1:8443/web/a?{ü}'

function declareFound(given: Given): void {
  it('they read what we register: address, ports, payload, URI', async () => {
    const path = given.newPath()
    const theirs = await given.program().make('discovery', path)
    const payload = { zone: 'ö', weights: [1, 2.5], inner: { deep: null } }

    const service = await new ServiceDiscovery(given.zk(), path).register({ ...INSTANCE, id: 'a', payload })

    const { name, address, port, sslPort } = INSTANCE
    const { registrationTimeMs } = service.instance
    const type = { serviceType: 'DYNAMIC', enabled: true, registrationTimeMs }
    expect(await theirs.call('names')).toEqual(['web'])
    expect(await theirs.call('query', 'web')).toEqual([
      { name, id: 'a', address, port, sslPort, payload, uri: URI, ...type },
    ])
    await service.close()
    expect(await theirs.call('query', 'web')).toEqual([])
  })

  it.each([
    ['a text', 'ü'],
    ['a number', 7],
    ['a truth value', false],
    ['nothing', null],
    ['a list', ['a', 1]],
  ])('they read a payload that is %s, and an instance with hardly anything', async (_, payload) => {
    const path = given.newPath()
    const theirs = await given.program().make('discovery', path)

    const instance = { name: 'bare', id: 'b', address: 'host', payload, enabled: false }
    const service = await new ServiceDiscovery(given.zk(), path).register(instance)

    expect(await theirs.call('query', 'bare')).toEqual([
      {
        ...instance,
        port: null,
        sslPort: null,
        uri: null,
        serviceType: 'DYNAMIC',
        registrationTimeMs: service.instance.registrationTimeMs,
      },
    ])
    await service.close()
  })
}

function declareFinding(given: Given): void {
  it('we read what they register: address, ports, payload, URI', async () => {
    const path = given.newPath()
    const theirs = await given.program().make('discovery', path)
    const payload = { zone: 'ö', weights: [1, 2.5] }

    await theirs.call('register', { ...INSTANCE, id: 'a', payload })

    const provider = await new ServiceDiscovery(given.zk(), path).provide('web')
    const { name, address, port, sslPort } = INSTANCE
    const [found] = provider.instances
    expect(provider.instances).toHaveLength(1)
    expect(found).toMatchObject({
      name,
      id: 'a',
      address,
      port,
      sslPort,
      serviceType: 'DYNAMIC',
      enabled: true,
    })
    expect(found?.payload).toEqual({
      '@class': 'java.util.LinkedHashMap',
      zone: 'ö',
      weights: [1, 2.5],
    })
    expect(found && uriOf(found)).toBe(URI)
    await theirs.call('unregister', 'a')
    await untilEqual(async () => provider.instances, [])
    await provider.close()
  })
}

function declareRead(given: Given): void {
  it.each([
    ['a text', 'ü'],
    ['a number', 7],
    ['a number that is a long', 2 ** 40],
    ['nothing', null],
    ['a list', ['a', 1]],
  ])('we read a payload that is %s, and an instance with hardly anything', async (_, payload) => {
    const path = given.newPath()
    const theirs = await given.program().make('discovery', path)
    await theirs.call('register', { name: 'bare', id: 'b', address: 'host', payload })

    const discovery = new ServiceDiscovery(given.zk(), path)
    const provider = await discovery.provide('bare')

    expect(await discovery.names()).toEqual(['bare'])
    const rest = { port: null, sslPort: null, uriSpec: null, enabled: true }
    expect(provider.instances).toMatchObject([{ name: 'bare', id: 'b', address: 'host', payload, ...rest }])
    await provider.close()
    await theirs.call('unregister', 'b')
  })

  it('we do not choose what they have disabled, if they write that down', async () => {
    const path = given.newPath()
    const instance = { name: 'web', address: 'host', enabled: false }
    const [forgetful, theirs] = await Promise.all(
      ['discovery', 'discoveryWithEnabled'].map((kind) => given.program().make(kind, path)),
    )
    await forgetful?.call('register', { ...instance, id: 'forgotten' })
    await theirs?.call('register', { ...instance, id: 'disabled' })

    const provider = await new ServiceDiscovery(given.zk(), path).provide('web')

    expect(provider.instances.map(({ id }) => id)).toEqual(['forgotten'])
    await theirs?.call('provide', 'web')
    expect(await theirs?.call('provided')).toEqual(['forgotten'])
    await provider.close()
    await forgetful?.call('unregister', 'forgotten')
    await theirs?.call('unregister', 'disabled')
  })
}

function declareComings(given: Given): void {
  it('their provider follows our instances as they come, are disabled, and go', async () => {
    const path = given.newPath()
    const discovery = new ServiceDiscovery(given.zk(), path)
    const theirs = await given.program().make('discovery', path)
    const offer = (id: string) => discovery.register({ name: 'web', id, address: 'host', port: 1 })
    const first = await offer('a')
    await theirs.call('provide', 'web')
    expect(await theirs.call('provided')).toEqual(['a'])

    const second = await offer('b')
    await untilEqual(() => theirs.call('provided'), ['a', 'b'])
    await first.update({ enabled: false })
    await untilEqual(() => theirs.call('provided'), ['b'])
    await second.close()
    await untilEqual(() => theirs.call('provided'), [])
    await first.close()
  })

  it('our provider follows their instances as they come and go', async () => {
    const path = given.newPath()
    const theirs = await given.program().make('discovery', path)
    const provider = await new ServiceDiscovery(given.zk(), path).provide('web')
    const ids = async (): Promise<string[]> => provider.instances.map(({ id }) => id)
    expect(await ids()).toEqual([])

    await theirs.call('register', { ...INSTANCE, id: 'a' })
    await untilEqual(ids, ['a'])
    await theirs.call('register', { ...INSTANCE, id: 'b' })
    await untilEqual(ids, ['a', 'b'])
    await theirs.call('unregister', 'a')
    await untilEqual(ids, ['b'])
    expect(provider.choose()?.id).toBe('b')
    await theirs.call('unregister', 'b')
    await provider.close()
  })
}
