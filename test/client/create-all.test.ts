/** createAll against a client that the test plays: which races are tried again, how often, and what is none. */
import { describe, expect, it } from 'vitest'
import { type CreateAllClient, createAll } from '../../src/client/create-all.js'
import { type CallOptions, type Code, KeeperException, type Op, Stat } from '../../src/index.js'
import { codeOf, startWorld } from '../semantics/fixture.js'

const STAT = new Stat(1n, 1n, 0, 0, 0, 0, 0, 0n, 0, 0, 1n)

describe('a race', () => {
  it('that somebody else wins by creating a parent is tried again, from what is there then', async () => {
    const client = new PlayedClient({ outcomes: ['NODEEXISTS', 'OK'], there: [['/'], ['/', '/a']] })

    await createAll(client, '/a/b', null, {})

    expect(client.multis).toEqual([['/a', '/a/b'], ['/a/b']])
  })

  it('for a parent is tried again for a sequential znode too', async () => {
    const { zk } = await startWorld()

    const paths = await Promise.all([
      zk.createAll('/p/q/n-', null, { mode: 'PERSISTENT_SEQUENTIAL' }),
      zk.createAll('/p/q/n-', null, { mode: 'PERSISTENT_SEQUENTIAL' }),
    ])

    expect(paths.sort()).toEqual(['/p/q/n-0000000000', '/p/q/n-0000000001'])
  })

  it('that somebody else wins by creating all of it is done', async () => {
    const client = new PlayedClient({ outcomes: ['NODEEXISTS'], there: [['/'], ['/', '/a']] })

    expect(await createAll(client, '/a', null, {})).toBe('/a')
    expect(client.multis).toEqual([['/a']])
  })

  it('in which somebody takes a parent away is tried again', async () => {
    const client = new PlayedClient({ outcomes: ['NONODE', 'OK'], there: [['/', '/a'], ['/']] })

    await createAll(client, '/a/b', null, {})

    expect(client.multis).toEqual([['/a/b'], ['/a', '/a/b']])
  })

  it('that is lost a hundred times in a row is none any more', async () => {
    const client = new PlayedClient({ outcomes: [], there: [['/']], otherwise: 'NODEEXISTS' })

    expect(await codeOf(createAll(client, '/a', null, {}))).toBe('NODEEXISTS')
    expect(client.multis.length).toBe(100)
  })
})

it('hands on how to give up, to the looks and to the transaction', async () => {
  const client = new PlayedClient({ outcomes: ['OK'], there: [['/']] })
  const { signal } = new AbortController()

  await createAll(client, '/a', null, { signal })

  expect(client.signals).toEqual([signal, signal, signal])
})

describe('what is no race', () => {
  it.each(['NOAUTH', 'CONNECTIONLOSS', 'INVALIDACL'] as const)('%s is thrown at once', async (code) => {
    const client = new PlayedClient({ outcomes: [code], there: [['/']] })

    expect(await codeOf(createAll(client, '/a', null, {}))).toBe(code)
    expect(client.multis.length).toBe(1)
  })

  it('a missing chroot is NONODE: there is nothing above the root that somebody took away', async () => {
    const client = new PlayedClient({ outcomes: ['NONODE'], there: [[]] })

    expect(await codeOf(createAll(client, '/a', null, {}))).toBe('NONODE')
    expect(client.multis).toEqual([['/', '/a']])
  })

  it('an error of the look itself is thrown, but NOAUTH says that the znode is there', async () => {
    const lost = new PlayedClient({ outcomes: [], there: [[]], lookCode: 'CONNECTIONLOSS' })
    const secret = new PlayedClient({ outcomes: ['OK'], there: [[]], lookCode: 'NOAUTH' })

    expect(await codeOf(createAll(lost, '/a', null, {}))).toBe('CONNECTIONLOSS')
    expect(await codeOf(createAll(secret, '/a', null, {}))).toBe('OK')
    expect(lost.multis).toEqual([])
  })

  it('a sequential znode that exists is thrown: its name is not ours to choose', async () => {
    const client = new PlayedClient({ outcomes: ['NODEEXISTS'], there: [['/']] })

    expect(await codeOf(createAll(client, '/n-', null, { mode: 'PERSISTENT_SEQUENTIAL' }))).toBe('NODEEXISTS')
    expect(client.multis.length).toBe(1)
  })
})

interface Play {
  /** How each multi comes out, in order; `otherwise` after that. */
  readonly outcomes: readonly Code[]
  readonly otherwise?: Code
  /** What is there in each try; the last goes on. */
  readonly there: readonly (readonly string[])[]
  /** What every look fails with, if it does. */
  readonly lookCode?: Code
}

class PlayedClient implements CreateAllClient {
  readonly #play: Play
  readonly multis: string[][] = []
  readonly signals: unknown[] = []

  constructor(play: Play) {
    this.#play = play
  }

  exists(path: string, { signal }: CallOptions): Promise<Stat | null> {
    this.signals.push(signal)
    const { there, lookCode } = this.#play
    if (lookCode !== undefined) return Promise.reject(new KeeperException(lookCode))
    const now = there[Math.min(this.multis.length, there.length - 1)] ?? []
    return Promise.resolve(now.includes(path) ? STAT : null)
  }

  multi(ops: readonly Op[], { signal }: CallOptions): ReturnType<CreateAllClient['multi']> {
    this.signals.push(signal)
    const { outcomes, otherwise = 'OK' } = this.#play
    const code = outcomes[this.multis.length] ?? otherwise
    this.multis.push(ops.map(({ path }) => path))
    if (code !== 'OK') return Promise.reject(new KeeperException(code))
    return Promise.resolve(ops.map(({ path }) => ({ type: 'create', path }) as const))
  }
}
