/** getEphemerals: the caller's own ephemerals by raw prefix (reference 4.11). */
import { describe, expect, it } from 'vitest'
import { connectRaw, create, startServer, startWorld, worldACL } from '../fixture.js'

const EPHEMERAL = { mode: 'EPHEMERAL' } as const
const ALL = ['/app/x', '/apple', '/b']

describe('getEphemerals', () => {
  it('resolves to the ephemerals of this session alone, in the order of their creation', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await other.create('/other', null, EPHEMERAL)
    await zk.create('/p')
    await zk.create('/p/b', null, EPHEMERAL)
    await zk.create('/a', null, EPHEMERAL)
    await zk.create('/persistent')

    expect(await zk.getEphemerals()).toEqual(['/p/b', '/a'])
    expect(await other.getEphemerals()).toEqual(['/other'])
  })

  it('forgets what is deleted, by whomever', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()
    await zk.create('/a', null, EPHEMERAL)
    await zk.create('/b', null, EPHEMERAL)

    await other.delete('/a')

    expect(await zk.getEphemerals()).toEqual(['/b'])
  })

  it.each([
    ['/', ALL],
    ['', ALL],
    [' \t\n ', ALL],
    [' / ', ALL],
    ['\0/', ALL],
    ['/app', ['/app/x', '/apple']],
    ['/ap', ['/app/x', '/apple']],
    ['/app/', ['/app/x']],
    ['/b', ['/b']],
    ['/c', []],
    ['app', []],
    ['//', []],
    [' /b', []],
    ['\u00a0', []],
  ])('takes %j for a raw prefix, not for a path [trap 34]', (prefix, expected) => {
    const cnxn = connectRaw(startServer().zoo)
    cnxn.ask(create('/app'))
    for (const path of ['/app/x', '/apple', '/b']) cnxn.ask(create(path, EPHEMERAL))

    const reply = cnxn.ask({ type: 'getEphemerals', path: prefix })

    expect(reply?.response).toMatchObject({ ephemerals: expected })
  })

  it('needs no permission on any znode', async () => {
    const { zk } = await startWorld()
    await zk.create('/a', null, { mode: 'EPHEMERAL', acl: worldACL(0) })

    expect(await zk.getEphemerals('/a')).toEqual(['/a'])
  })

  it('shows a client with a chroot its own view of the paths below it', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/app')
    const below = await zoo.connect({ chroot: '/app' })
    await below.create('/x', null, EPHEMERAL)
    await below.create('/y', null, EPHEMERAL)

    expect(await below.getEphemerals()).toEqual(['/x', '/y'])
    expect(await below.getEphemerals('/x')).toEqual(['/x'])
    expect(await zk.getEphemerals()).toEqual([])
  })
})
