/** ServiceDiscovery: who offers a service, in Curator's JSON, and how one of them is chosen. */
import { describe, expect, it } from 'vitest'
import { Perms } from '../../src/index.js'
import { LastingClient, parseUriSpec, ServiceDiscovery, uriOf } from '../../src/recipes/index.js'
import { createChoice } from '../../src/recipes/service-choice.js'
import { countingBytes } from '../semantics/fixture.js'
import { leftovers, NOTHING, outcomeOf, startRecipes } from './fixture.js'

const web = { name: 'web', id: 'a', address: '10.0.0.1', port: 80 }

describe('service discovery', () => {
  it('knows an instance from its registration to its end', async () => {
    const world = await startRecipes()
    const { zoo, ann, bob } = world
    const offering = await new ServiceDiscovery(ann, '/s').register(web)
    const provider = await new ServiceDiscovery(bob, '/s').provide('web')
    const ids = (): string[] => provider.instances.map(({ id }) => id)

    const before = ids()
    await offering.close()
    await zoo.settle()

    expect([before, ids(), provider.choose()]).toEqual([['a'], [], undefined])
    await provider.close()
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('writes what Curator writes', async () => {
    const { zoo, ann } = await startRecipes()

    await new ServiceDiscovery(ann, '/s').register({
      ...web,
      payload: { weight: 2 },
      uriSpec: '{scheme}://x',
    })

    expect(zoo.dump()['/s/web/a']).toBe(
      '{"name":"web","id":"a","address":"10.0.0.1","port":80,"sslPort":null,"payload":{"weight":2},' +
        '"registrationTimeUTC":1704067200000,"serviceType":"DYNAMIC",' +
        '"uriSpec":{"parts":[{"value":"scheme","variable":true},{"value":"://x","variable":false}]}}',
    )
  })

  it('reads what others write, and passes over what is no instance', async () => {
    const { ann, bob } = await startRecipes()
    await ann.createAll(
      '/s/web/java',
      '{"name":"web","id":"java","address":"h","port":1,"payload":"p","new":true}',
    )
    await ann.create('/s/web/broken', '{"name":')
    await ann.create('/s/web/other', '{"name":"web"}')
    await ann.create('/s/web/list', '[]')
    await ann.create('/s/web/empty')

    const { instances } = await new ServiceDiscovery(bob, '/s').provide('web')

    expect(instances).toEqual([
      {
        name: 'web',
        id: 'java',
        address: 'h',
        port: 1,
        sslPort: null,
        payload: 'p',
        registrationTimeMs: 0,
        serviceType: 'DYNAMIC',
        uriSpec: null,
        enabled: true,
      },
    ])
  })

  it('shows a change of an instance, and hides one that is not enabled', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const offering = await new ServiceDiscovery(ann, '/s').register(web)
    const provider = await new ServiceDiscovery(bob, '/s').provide('web')
    let changes = 0
    provider.on('change', () => void changes++)

    await offering.update({ port: 81 })
    await zoo.settle()
    expect([provider.choose()?.port, offering.instance.port]).toEqual([81, 81])
    provider.removeAllListeners()
    await offering.update({ enabled: false })
    await zoo.settle()

    expect([provider.choose(), changes]).toEqual([undefined, 1])
  })

  it('offers an instance again in a new session', async () => {
    const { zoo, bob } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    await new ServiceDiscovery(lasting, '/s').register(web)
    const provider = await new ServiceDiscovery(bob, '/s').provide('web')

    zoo.expire(lasting.latest)
    await zoo.settle()

    expect(provider.choose()?.id).toBe('a')
  })

  it('offers an instance at once although an older registration has its id, which comes back later', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const lost: unknown[] = []
    const older = await new ServiceDiscovery(ann, '/s').register(web)
    older.on('lost', (error) => void lost.push(error))
    const provider = await new ServiceDiscovery(ann, '/s').provide('web')

    const newer = await new ServiceDiscovery(bob, '/s').register({ ...web, port: 81 }, { timeoutMs: 0 })
    await zoo.settle()
    const during = provider.instances.map(({ port }) => port)
    await newer.close()
    await zoo.settle()

    expect([during, provider.instances.map(({ port }) => port), lost]).toEqual([[81], [80], []])
  })

  it('takes the place of an instance that would stay for ever', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await ann.createAll('/s/web/a', 'somebody else wrote this')

    await new ServiceDiscovery(bob, '/s').register(web)

    expect(zoo.dump()['/s/web/a']).toContain('"port":80')
  })

  it('says so when it cannot take a place', async () => {
    const { ann, bob } = await startRecipes()
    await ann.createAll('/s/web/a/child')

    const registering = new ServiceDiscovery(bob, '/s').register(web)

    await expect(registering).rejects.toMatchObject({ code: 'NOTEMPTY' })
  })

  it('stays as it was when a change cannot be written', async () => {
    const { ann } = await startRecipes()
    const offering = await new ServiceDiscovery(ann, '/s').register(web)

    await expect(offering.update({ payload: { big: 1n } })).rejects.toThrow(TypeError)
    await expect(offering.update({ payload: 'x'.repeat(2_000_000) })).rejects.toThrow(RangeError)
    const { payload } = offering.instance
    await offering.update({ enabled: false })

    expect([payload ?? null, offering.instance.enabled]).toEqual([null, false])
  })

  it('adds up changes that are made at the same time', async () => {
    const { zoo, ann } = await startRecipes()
    const offering = await new ServiceDiscovery(ann, '/s').register(web)

    await Promise.all([offering.update({ port: 2 }), offering.update({ enabled: false })])

    expect(zoo.dump()['/s/web/a']).toMatch(/"port":2,.*"enabled":false/)
    expect(offering.instance).toMatchObject({ port: 2, enabled: false })
  })

  it('makes a change that was given up as soon as it can, and says so all the time', async () => {
    const { zoo, clock, ann } = await startRecipes()
    const offering = await new ServiceDiscovery(ann, '/s').register(web)
    zoo.disconnect(ann)
    await zoo.settle()

    const updating = outcomeOf(offering.update({ enabled: false }, { timeoutMs: 100 }))
    await clock.advance(100)
    const before = [updating.settled, offering.instance.enabled]
    zoo.reconnect(ann)
    await clock.advance(1000)

    expect(before).toMatchObject([{ name: 'TimeoutError' }, false])
    expect(zoo.dump()['/s/web/a']).toContain('"enabled":false')
  })

  it('changes nothing for a call that was given up before it began', async () => {
    const { ann } = await startRecipes()
    const offering = await new ServiceDiscovery(ann, '/s').register(web)

    const updating = offering.update({ port: 2 }, { signal: AbortSignal.abort('given up') })

    await expect(updating).rejects.toBe('given up')
    expect(offering.instance.port).toBe(80)
  })

  it('decodes the instances once for all choices between two changes', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const discovery = new ServiceDiscovery(ann, '/s')
    await discovery.register(web)
    const provider = await new ServiceDiscovery(bob, '/s').provide('web')

    const [first, again] = [provider.choose(), provider.choose()]
    await discovery.register({ ...web, id: 'b' })
    await zoo.settle()

    expect(again).toBe(first)
    expect(provider.instances.map(({ id }) => id)).toEqual(['a', 'b'])
  })

  it.each([
    [0x00, 'a'],
    [0xff, 'b'],
  ])('chooses at random by its own bytes of a buffer: %i is %s', async (byte, id) => {
    const counted = countingBytes()
    let isPooled = false
    const { ann } = await startRecipes((length) => {
      if (!isPooled) return counted(length)
      const pool = new Uint8Array(64).fill(byte ^ 0xff)
      return pool.subarray(8, 8 + length).fill(byte)
    })
    const discovery = new ServiceDiscovery(ann, '/s')
    for (const each of ['a', 'b']) await discovery.register({ ...web, id: each })
    const provider = await discovery.provide('web', { strategy: 'random' })

    isPooled = true

    expect(provider.choose()?.id).toBe(id)
  })

  it('tells who offers and who follows that the session has ended', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const offering = await new ServiceDiscovery(ann, '/s').register(web)
    const provider = await new ServiceDiscovery(bob, '/s').provide('web')
    const lost: unknown[] = []
    const hear = (error: unknown): void => void lost.push(error)
    offering.on('lost', hear)
    provider.on('lost', hear)

    zoo.expire(bob)
    await zoo.settle()
    expect([lost, provider.choose()?.id]).toMatchObject([[{ code: 'SESSIONEXPIRED' }], 'a'])
    zoo.expire(ann)
    await zoo.settle()

    expect(lost).toMatchObject([{ code: 'SESSIONEXPIRED' }, { code: 'SESSIONEXPIRED' }])
  })

  it('tells nobody of a loss who has closed, or goes on in a new session', async () => {
    const { zoo } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const discovery = new ServiceDiscovery(lasting, '/s')
    const offering = await discovery.register(web)
    const providers = [await discovery.provide('web'), await discovery.provide('web')] as const
    const lost: unknown[] = []
    const hear = (error: unknown): void => void lost.push(error)
    offering.on('lost', hear)
    for (const provider of providers) provider.on('lost', hear)

    await providers[1].close()
    zoo.expire(lasting.latest)
    await zoo.settle()

    expect([lost, providers[0].choose()?.id]).toEqual([[], 'a'])
  })

  it.each([
    [{ port: 99_999 }, 'Invalid port 99999'],
    [{ address: '' }, 'Invalid address ""'],
    [{ enabled: 1 }, 'Invalid enabled 1'],
    [{ name: 'db' }, 'Unknown option "name"'],
  ])('refuses to change %j, and offers what it did', async (changes, message) => {
    const { zoo, ann } = await startRecipes()
    const offering = await new ServiceDiscovery(ann, '/s').register(web)
    const before = [zoo.dump()['/s/web/a'], offering.instance]

    const changing = Reflect.apply(offering.update, offering, [changes])

    await expect(changing).rejects.toThrow(message)
    expect([zoo.dump()['/s/web/a'], offering.instance]).toEqual(before)
  })

  it('passes over an instance that may not be read, also after a gap', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const discovery = new ServiceDiscovery(ann, '/s')
    await discovery.register(web)
    const provider = await new ServiceDiscovery(bob, '/s').provide('web')
    const hidden = { acl: [{ perms: Perms.DELETE, scheme: 'world', id: 'anyone' }] }

    await ann.create('/s/web/b', 'hidden', hidden)
    await zoo.settle()
    zoo.disconnect(bob)
    await ann.create('/s/web/c', 'hidden', hidden)
    zoo.reconnect(bob)
    await zoo.settle()
    await discovery.register({ ...web, id: 'd' })
    await zoo.settle()

    expect(provider.instances.map(({ id }) => id)).toEqual(['a', 'd'])
  })

  it('lists the names of all services', async () => {
    const { ann } = await startRecipes()
    const discovery = new ServiceDiscovery(ann, '/s')

    expect(await discovery.names()).toEqual([])
    await discovery.register(web)
    await discovery.register({ ...web, name: 'db' })

    expect(await discovery.names()).toEqual(['db', 'web'])
  })

  it.each([
    [{ ...web, name: 'a/b' }, 'Invalid name "a/b"'],
    [{ ...web, id: '' }, 'Invalid id ""'],
    [{ ...web, address: '' }, 'Invalid address ""'],
    [{ ...web, port: 65_536 }, 'Invalid port 65536'],
    [{ ...web, uriSpec: '{scheme' }, 'Invalid uriSpec "{scheme"'],
    [{ ...web, host: 'h' }, 'Unknown option "host"'],
  ])('refuses to register %j', async (registration, message) => {
    const { ann } = await startRecipes()

    await expect(new ServiceDiscovery(ann, '/s').register(registration)).rejects.toThrow(message)
  })

  it('refuses an unknown strategy', async () => {
    const { ann } = await startRecipes()
    const options = JSON.parse('{"strategy":"best"}')

    await expect(new ServiceDiscovery(ann, '/s').provide('web', options)).rejects.toThrow(
      'Invalid strategy "best"',
    )
  })
})

describe('the URI of an instance', () => {
  const instance = {
    ...web,
    sslPort: null,
    payload: null,
    registrationTimeMs: 5,
    serviceType: 'DYNAMIC',
    uriSpec: null,
    enabled: true,
  } as const

  it.each([
    [null, 'http://10.0.0.1:80'],
    ['{scheme}://{address}:{port}/{name}/{id}', 'http://10.0.0.1:80/web/a'],
    ['{ssl-port}/{registration-time-utc}/{service-type}', '/5/dynamic'],
    ['{[}{unknown}{]}', '{}'],
  ])('is made by %j', (text, uri) => {
    const uriSpec = text === null ? null : parseUriSpec(text)

    expect(uriOf({ ...instance, uriSpec })).toBe(uri)
  })

  it('is of https where there is a port for it, and takes what is given', () => {
    const uriSpec = parseUriSpec('{scheme}://{address}:{ssl-port}/{path}')

    expect(uriOf({ ...instance, sslPort: 443, uriSpec }, { path: 'x' })).toBe('https://10.0.0.1:443/x')
  })
})

describe('choosing', () => {
  it.each([
    ['roundRobin', ['a', 'b', 'c', 'a']],
    ['random', ['c', 'c', 'c', 'c']],
    ['sticky', ['c', 'c', 'c', 'c']],
  ] as const)('goes %s', (strategy, chosen) => {
    const choose = createChoice(strategy, () => 0.9)

    expect([1, 2, 3, 4].map(() => choose(['a', 'b', 'c']))).toEqual(chosen)
    expect(choose([])).toBeUndefined()
  })

  it('skips nobody in a round when instances come and go', () => {
    const choose = createChoice('roundRobin', () => 0)

    const chosen = [
      ['a', 'b', 'c'],
      ['b', 'c'],
      ['a', 'b', 'c'],
      ['a', 'b'],
    ].map((ids) => choose(ids))

    expect(chosen).toEqual(['a', 'b', 'c', 'a'])
  })

  it('sticks to an instance as long as it is there', () => {
    let random = 0.9
    const choose = createChoice('sticky', () => random)
    const first = choose(['a', 'b'])
    random = 0

    expect([first, choose(['a', 'b']), choose(['a']), choose(['a', 'b'])]).toEqual(['b', 'b', 'a', 'a'])
  })
})
