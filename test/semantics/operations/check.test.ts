/** check, inside a multi: the order of its checks (reference 4.15), and that it changes nothing. */
import { describe, expect, it } from 'vitest'
import { type ACL, type Code, OPEN_ACL_UNSAFE, Op } from '../../../src/index.js'
import {
  allBut,
  check,
  connectRaw,
  create,
  recordEvents,
  setACL,
  startServer,
  startWorld,
} from '../fixture.js'
import { type Check, contests } from './check-order.js'

interface Situation {
  readonly path: string
  readonly isThere: boolean
  readonly acl: readonly ACL[]
  readonly version: number
}

const passing: Situation = { path: '/n', isThere: true, acl: OPEN_ACL_UNSAFE, version: 0 }

const checks: readonly Check<Situation>[] = [
  { name: 'the path names a znode', code: 'BADARGUMENTS', spoil: { path: '/n/' } },
  { name: 'the znode exists', code: 'NONODE', spoil: { isThere: false, acl: OPEN_ACL_UNSAFE } },
  { name: 'the znode grants READ', code: 'NOAUTH', spoil: { acl: allBut('READ') } },
  { name: 'the version is right', code: 'BADVERSION', spoil: { version: 1 } },
]

function codeIn(spoil: Partial<Situation>): Code | undefined {
  const { path, isThere, acl, version } = { ...passing, ...spoil }
  const cnxn = connectRaw(startServer().zoo)
  if (isThere) cnxn.ask(create('/n'))
  if (isThere) expect(cnxn.code(setACL('/n', acl))).toBe('OK')

  const response = cnxn.ask({ type: 'multi', ops: [check(path, version)] })?.response
  const [result] = response !== undefined && 'results' in response ? response.results : []
  return result?.type === 'error' ? result.code : result?.type === 'check' ? 'OK' : undefined
}

describe('the checks of check', () => {
  it('let a request pass with which nothing is wrong', () => {
    expect(codeIn({})).toBe('OK')
  })

  it.each(checks)('answer $code unless $name', ({ code, spoil }) => {
    expect(codeIn(spoil)).toBe(code)
  })

  it.each(contests(checks))(
    'answer $code and not $loserCode if both fail: $winner, $loser',
    ({ code, spoil }) => {
      expect(codeIn(spoil)).toBe(code)
    },
  )
})

describe('check', () => {
  it('changes nothing and tells nobody', async () => {
    const { zoo, zk } = await startWorld()
    await zk.create('/a')
    const { events, watcher } = recordEvents()
    await zk.addWatch('/a', watcher)
    const before = zoo.reports.znodes()

    await zk.multi([Op.check('/a', 0), Op.check('/'), Op.check('/a')])

    expect(zoo.reports.znodes()).toEqual(before)
    expect(events).toEqual([])
  })

  it('with -1 asks for existence alone', async () => {
    const { zk } = await startWorld()
    await zk.create('/a')
    await zk.setData('/a', 'x')

    expect(await zk.multi([Op.check('/a', -1)])).toEqual([{ type: 'check' }])
  })
})
