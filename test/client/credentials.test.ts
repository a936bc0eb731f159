/** Identities that a client claims: which are claimed again on the next connection, and which were taken back. */
import { describe, expect, it } from 'vitest'
import { Credentials } from '../../src/client/credentials.js'
import type { EmbeddedZooKeeper, ZooKeeper } from '../../src/index.js'
import type { AuthRequest } from '../../src/protocol/message.js'
import { codeOf, failureOf, startWorld } from '../semantics/fixture.js'

describe('an identity that is claimed twice', () => {
  it('stays claimed if the second claim is taken back before it was sent', async () => {
    const { zoo, zk } = await startWorld()
    await zk.addAuthInfo('digest', 'alice:pw')
    zoo.disconnect(zk)
    const controller = new AbortController()
    const second = failureOf(() => zk.addAuthInfo('digest', 'alice:pw', { signal: controller.signal }))

    controller.abort()
    await second

    expect(await usersAfterReconnect(zoo, zk)).toEqual(['127.0.0.1', 'alice'])
  })

  it('stays claimed if one of two waiting claims is taken back', async () => {
    const { zoo, zk } = await startWorld()
    zoo.disconnect(zk)
    const controller = new AbortController()
    const first = failureOf(() => zk.addAuthInfo('digest', 'alice:pw', { signal: controller.signal }))
    const second = zk.addAuthInfo('digest', 'alice:pw')

    controller.abort()
    await first
    zoo.reconnect(zk)
    await second
    zoo.disconnect(zk)

    expect(await usersAfterReconnect(zoo, zk)).toEqual(['127.0.0.1', 'alice'])
  })
})

describe('an identity whose claim was given up', () => {
  it('before it began is never claimed', async () => {
    const { zoo, zk } = await startWorld()

    await failureOf(() => zk.addAuthInfo('digest', 'alice:pw', { signal: AbortSignal.abort() }))
    zoo.disconnect(zk)

    expect(await usersAfterReconnect(zoo, zk)).toEqual(['127.0.0.1'])
  })

  it('for want of a connection is claimed on the next one all the same', async () => {
    const { zoo, zk, clock } = await startWorld()
    zoo.disconnect(zk)
    const claim = codeOf(zk.addAuthInfo('digest', 'alice:pw'))

    await clock.advance(30_000)

    expect(await claim).toBe('CONNECTIONLOSS')
    expect(await usersAfterReconnect(zoo, zk)).toEqual(['127.0.0.1', 'alice'])
  })
})

describe('one identity too many', () => {
  it('is THROTTLEDOP and stops no other call', async () => {
    const { zk } = await startWorld({ server: { limits: { maxPendingRequests: 2 } } })
    await zk.addAuthInfo('digest', 'a:1')
    await zk.addAuthInfo('digest', 'b:2')

    const code = await codeOf(zk.addAuthInfo('digest', 'c:3'))

    expect(code).toBe('THROTTLEDOP')
    expect(await zk.exists('/none')).toBe(null)
  })
})

describe('the list of identities', () => {
  const claim = (scheme: string, auth: string | null): AuthRequest => ({
    type: 'auth',
    scheme,
    auth: auth === null ? null : new TextEncoder().encode(auth),
  })

  it('has each of them once: scheme and secret tell them apart, and what is without one is like nothing', () => {
    const credentials = new Credentials()
    const all = [claim('digest', 'a:1'), claim('digest', 'b:2'), claim('other', 'a:1'), claim('digest', null)]

    for (const each of [...all, ...all]) credentials.add(each)

    expect(credentials.all).toEqual([...all, claim('digest', null)])
  })

  it('leaves out what is claimed by others anyway', () => {
    const credentials = new Credentials()
    const [alice, bob, blank] = [claim('digest', 'a:1'), claim('digest', 'b:2'), claim('digest', null)]
    for (const each of [alice, bob, blank]) credentials.add(each)

    const left = credentials.unclaimedBy([{ type: 'whoAmI' }, claim('digest', 'b:2'), claim('digest', null)])

    expect(left).toEqual([alice, blank])
  })
})

async function usersAfterReconnect(zoo: EmbeddedZooKeeper, zk: ZooKeeper): Promise<string[]> {
  zoo.reconnect(zk)
  return (await zk.whoAmI()).map(({ user }) => user)
}
