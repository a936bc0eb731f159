/** deleteAll against a client that the test plays: what it asks in one request, which races are tried again, and what is none. */
import { describe, expect, it } from 'vitest'
import { type DeleteAllClient, deleteAll } from '../../src/client/delete-all.js'
import { type Code, KeeperException, type Op, type ReadOp, type ReadOpResult } from '../../src/index.js'
import { errorResult } from '../../src/protocol/op-result.js'
import { codeOf } from '../semantics/fixture.js'

const MANY = 10_000

describe('a tree', () => {
  it('goes bottom up, in one request', async () => {
    const client = new PlayedClient(['/a', '/a/b', '/a/b/c', '/a/d'])

    await deleteAll(client, '/a', {}, MANY)

    expect(client.reads).toEqual([['/a'], ['/a/b', '/a/d'], ['/a/b/c']])
    expect(client.multis).toEqual([['/a/b/c', '/a/d', '/a/b', '/a']])
  })

  it.each([
    [
      'four',
      ['/a', '/a/b', '/a/c', '/a/d'],
      [
        ['/a/d', '/a/c'],
        ['/a/b', '/a'],
      ],
    ],
    ['five', ['/a', '/a/b', '/a/c', '/a/d', '/a/e'], [['/a/e', '/a/d'], ['/a/c', '/a/b'], ['/a']]],
  ])('of %s goes by twos where a request has room for no more', async (_count, tree, multis) => {
    const client = new PlayedClient(tree)

    await deleteAll(client, '/a', {}, 2)

    expect(client.multis).toEqual(multis)
    expect(client.reads.map(({ length }) => length)).toEqual([1, ...(tree.length === 4 ? [2, 1] : [2, 2])])
  })

  it('of many goes by thousands, whatever a request has room for', async () => {
    const children = Array.from({ length: 1_499 }, (_, i) => `/a/${i}`)
    const client = new PlayedClient(['/a', ...children])

    await deleteAll(client, '/a', {}, MANY)

    expect(client.multis.map(({ length }) => length)).toEqual([1_000, 500])
    expect(client.reads.map(({ length }) => length)).toEqual([1, 1_000, 499])
  })

  it('that is gone asks for nothing to be deleted', async () => {
    const client = new PlayedClient([])

    await deleteAll(client, '/a', {}, MANY)

    expect([client.reads, client.multis]).toEqual([[['/a']], []])
  })

  it('that may not be read is deleted all the same', async () => {
    const client = new PlayedClient(['/a'], { unreadable: '/a' })

    await deleteAll(client, '/a', {}, MANY)

    expect(client.multis).toEqual([['/a']])
  })

  it('hands on how to give up', async () => {
    const client = new PlayedClient(['/a'])
    const { signal } = new AbortController()

    await deleteAll(client, '/a', { signal }, MANY)

    expect(client.signals).toEqual([signal, signal])
  })
})

describe('a race', () => {
  it.each(['NOTEMPTY', 'NONODE'] as const)('that is lost with %s begins anew', async (code) => {
    const client = new PlayedClient(['/a'], { outcomes: [code, 'OK'] })

    await deleteAll(client, '/a', {}, MANY)

    expect([client.reads, client.multis]).toEqual([
      [['/a'], ['/a']],
      [['/a'], ['/a']],
    ])
  })

  it('that is lost a hundred times in a row is none any more', async () => {
    const client = new PlayedClient(['/a'], { otherwise: 'NOTEMPTY' })

    expect(await codeOf(deleteAll(client, '/a', {}, MANY))).toBe('NOTEMPTY')
    expect(client.multis.length).toBe(100)
  })

  it.each(['NOAUTH', 'CONNECTIONLOSS'] as const)('is not what %s tells of', async (code) => {
    const client = new PlayedClient(['/a'], { outcomes: [code] })

    expect(await codeOf(deleteAll(client, '/a', {}, MANY))).toBe(code)
    expect(client.multis.length).toBe(1)
  })
})

interface Play {
  /** How each multi comes out, in order; `otherwise` after that. */
  readonly outcomes?: readonly Code[]
  readonly otherwise?: Code
  /** What may not be listed. */
  readonly unreadable?: string
}

/** What is there stays there: nothing that is asked of it changes it. */
class PlayedClient implements DeleteAllClient {
  readonly #tree: readonly string[]
  readonly #play: Play
  readonly reads: string[][] = []
  readonly multis: string[][] = []
  readonly signals: unknown[] = []

  constructor(tree: readonly string[], play: Play = {}) {
    this.#tree = tree
    this.#play = play
  }

  multiRead(ops: readonly ReadOp[], { signal }: { readonly signal?: unknown }): Promise<ReadOpResult[]> {
    this.reads.push(ops.map(({ path }) => path))
    this.signals.push(signal)
    return Promise.resolve(ops.map(({ path }) => this.#list(path)))
  }

  multi(ops: readonly Op[], { signal }: { readonly signal?: unknown }): Promise<void> {
    const { outcomes = [], otherwise = 'OK' } = this.#play
    const code = outcomes[this.multis.length] ?? otherwise
    this.multis.push(ops.map(({ path }) => path))
    this.signals.push(signal)
    return code === 'OK' ? Promise.resolve() : Promise.reject(new KeeperException(code))
  }

  #list(path: string): ReadOpResult {
    if (path === this.#play.unreadable) return errorResult('NOAUTH')
    if (!this.#tree.includes(path)) return errorResult('NONODE')
    const below = this.#tree.filter((one) => one.slice(0, one.lastIndexOf('/')) === path)
    return { type: 'getChildren', children: below.map((one) => one.slice(path.length + 1)) }
  }
}
