/** On the real server a delete right behind the end of a session still counts its ephemerals (D51): the checker knows what can come from that. */
import { describe, expect, it } from 'vitest'
import type { Request } from '../../src/protocol/message.js'
import type { OpResult } from '../../src/protocol/op-result.js'
import type { History } from '../../verify/history/history.js'
import { bend, create, exchangeAt, get, loseAnswers, rulesOf, Stage, threadAt } from './history-bends.js'

const LAGS = { deletesLagBehindCloses: true }
const DELETE = { type: 'delete', path: '/a', version: -1 } as const
const ANY_ROOT = { type: 'check', path: '/', version: -1 } as const

/** A session with a child of /a closes; another one asks to write before or after it hears of that, and a third one looks. */
async function closing(asks: 'before' | 'after', write: Request): Promise<History> {
  const stage = new Stage()
  const owner = await stage.open()
  const other = await stage.open()
  owner.send([create('/a', 'one'), create('/a/e', 'child', 'EPHEMERAL')])
  owner.send([{ type: 'closeSession' }])
  other.send([write])
  const reader = await stage.open()
  reader.send([get('/a')])
  const { history } = stage
  const { sentAt } = exchangeAt(threadAt(history, 0), 2)
  if (asks === 'before') Object.assign(exchangeAt(threadAt(history, 1), 0), { sentAt })
  return history
}

/** The write takes a zxid and does nothing; then it is said to have been a delete that found children. */
async function notEmpty(asks: 'before' | 'after'): Promise<History> {
  const history = await closing(asks, create('/a', 'again'))
  const exchange = exchangeAt(threadAt(history, 1), 0)
  Object.assign(exchange, { request: DELETE })
  bend(exchange, { code: 'NOTEMPTY' })
  return history
}

/** Nobody is answered what became of the write. */
function lose(history: History): History {
  const thread = threadAt(history, 1)
  loseAnswers(thread, exchangeAt(thread, 0))
  return history
}

describe('the checker of histories, at the end of a session', () => {
  it('has nothing against a delete that counts what the session has left, if the server may', async () => {
    const history = await notEmpty('before')

    expect([rulesOf(history, LAGS), rulesOf(history)]).toEqual([[], ['T6']])
  })

  it('finds a delete that counts what was gone when it was sent (T6)', async () => {
    const history = await notEmpty('after')

    expect(rulesOf(history, LAGS)).toEqual(['T6'])
  })

  it('finds a delete that counts children which were never there (T6)', async () => {
    const history = await notEmpty('before')
    const { exchanges } = threadAt(history, 0)

    Object.assign(exchanges[1] ?? {}, { request: create('/a/e', 'child') })

    expect(rulesOf(history, LAGS)).toContain('T6')
  })

  it('has nothing against a multi that fails so, if the server may', async () => {
    const ops = [ANY_ROOT, { ...ANY_ROOT, path: '/a/e' }]
    const history = await closing('before', { type: 'multi', ops })
    const exchange = exchangeAt(threadAt(history, 1), 0)

    Object.assign(exchange, { request: { type: 'multi', ops: [ANY_ROOT, DELETE] } })
    const results: OpResult[] = [
      { type: 'error', code: 'OK', errno: 0 },
      { type: 'error', code: 'NOTEMPTY', errno: -111 },
    ]
    bend(exchange, { response: { type: 'results', results } })

    expect([rulesOf(history, LAGS), rulesOf(history)]).toEqual([[], ['T6']])
  })

  it('follows both ways of a delete whose answer was lost', async () => {
    const failed = lose(await notEmpty('before'))
    const done = lose(await closing('before', DELETE))

    expect([rulesOf(failed, LAGS), rulesOf(done, LAGS)]).toEqual([[], []])
    expect([rulesOf(failed), rulesOf(done)]).toEqual([['T6'], []])
  })
})
