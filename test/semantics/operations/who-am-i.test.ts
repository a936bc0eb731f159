/** addAuthInfo and whoAmI: the identities of a connection (reference 4.13, 4.14, 9.7). */
import { describe, expect, it } from 'vitest'
import { digestId } from '../../../src/index.js'
import { auth, codeOf, connectRaw, startServer, startWorld } from '../fixture.js'

describe('whoAmI', () => {
  it('shows the address from the beginning', async () => {
    const { zoo } = await startWorld()
    const zk = await zoo.connect({ remoteAddress: '10.1.2.3' })

    expect(await zk.whoAmI()).toEqual([{ scheme: 'ip', user: '10.1.2.3' }])
  })

  it('shows a digest without its hash, and each identity once', async () => {
    const { zk } = await startWorld()

    await zk.addAuthInfo('digest', 'alice:pw')
    await zk.addAuthInfo('digest', 'bob:pw')
    await zk.addAuthInfo('digest', 'alice:pw')

    expect(await zk.whoAmI()).toEqual([
      { scheme: 'ip', user: '127.0.0.1' },
      { scheme: 'digest', user: 'alice' },
      { scheme: 'digest', user: 'bob' },
    ])
  })

  it('shows two passwords of one user as two identities', async () => {
    const { zk } = await startWorld()

    await zk.addAuthInfo('digest', 'alice:one')
    await zk.addAuthInfo('digest', 'alice:two')

    expect((await zk.whoAmI()).map(({ user }) => user)).toEqual(['127.0.0.1', 'alice', 'alice'])
  })

  it('shows the superuser with an empty name beside its digest', async () => {
    const { zk } = await startWorld({ server: { superDigest: digestId('super:secret') } })

    await zk.addAuthInfo('digest', 'super:secret')

    expect((await zk.whoAmI()).slice(1)).toEqual([
      { scheme: 'super', user: '' },
      { scheme: 'digest', user: 'super' },
    ])
  })

  it('shows what another connection added to nobody else', async () => {
    const { zoo, zk } = await startWorld()
    const other = await zoo.connect()

    await other.addAuthInfo('digest', 'alice:pw')

    expect(await zk.whoAmI()).toHaveLength(1)
  })
})

describe('addAuthInfo', () => {
  it.each([
    ['digest', 'alice:pw', 'OK'],
    ['digest', 'no colon', 'OK'],
    ['digest', '', 'OK'],
    ['ip', 'whatever', 'OK'],
    ['world', 'anyone', 'AUTHFAILED'],
    ['auth', '', 'AUTHFAILED'],
    ['super', 'super:secret', 'AUTHFAILED'],
    ['sasl', 'x', 'AUTHFAILED'],
    ['x509', 'x', 'AUTHFAILED'],
    ['unknown', 'x', 'AUTHFAILED'],
    ['', 'x', 'AUTHFAILED'],
    ['toString', 'x', 'AUTHFAILED'],
  ])('with the scheme %j and %j is answered with %s', (scheme, text, code) => {
    const cnxn = connectRaw(startServer().zoo)

    const reply = cnxn.ask(auth(scheme, text))

    expect(reply?.code).toBe(code)
    expect(cnxn.log.at(-1)).toBe(code === 'OK' ? 'reply 1 OK 0' : 'closed')
  })

  it('takes bytes as well as text', async () => {
    const { zk } = await startWorld()

    await zk.addAuthInfo('digest', new TextEncoder().encode('alice:pw'))

    expect((await zk.whoAmI())[1]).toEqual({ scheme: 'digest', user: 'alice' })
  })

  it('adds the address again without doubling it', () => {
    const cnxn = connectRaw(startServer().zoo, '10.0.0.9')

    cnxn.ask(auth('ip', 'anything'))

    expect(cnxn.ask({ type: 'whoAmI' })?.response).toMatchObject({
      clientInfo: [{ scheme: 'ip', user: '10.0.0.9' }],
    })
  })

  it('holds for the calls after it and not for those before', async () => {
    const { zk } = await startWorld()
    const acl = [{ perms: 31, scheme: 'digest', id: digestId('alice:pw') }]
    await zk.create('/a', 'x', { acl })

    const before = codeOf(zk.getData('/a'))
    const added = zk.addAuthInfo('digest', 'alice:pw')
    const after = codeOf(zk.getData('/a'))

    await added
    expect([await before, await after]).toEqual(['NOAUTH', 'OK'])
  })

  it('ends the client for good if it is refused', async () => {
    const { zk } = await startWorld()

    const code = await codeOf(zk.addAuthInfo('unknown', 'x'))

    expect([
      code,
      zk.state,
      await codeOf(zk.exists('/')),
      await codeOf(zk.addAuthInfo('digest', 'a:b')),
    ]).toEqual(['AUTHFAILED', 'AUTH_FAILED', 'AUTHFAILED', 'AUTHFAILED'])
  })

  it('makes the digest id of the worked examples', () => {
    expect(['user:pass', 'alice:pw', 'super:secret'].map((text) => digestId(text))).toEqual([
      'user:smGaoVKd/cQkjm7b88GyorAUz20=',
      'alice:V55/p2T0OpjQ+low3NVAH4aLvm0=',
      'super:lK75jTNcA+U9vtVEw5vB51mj/w4=',
    ])
  })
})
