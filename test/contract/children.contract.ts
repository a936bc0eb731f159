/** Children: their names, their number, with any name that is allowed, and very many of them. */
import { expect } from 'vitest'
import { Op } from '../../src/index.js'
import { codeOf, messageOf, text } from '../semantics/fixture.js'
import { describeContract } from './contract.js'

/** Names that stumble over JavaScript's objects, over patterns, or over encodings. */
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  'valueOf',
  'null',
  'undefined',
  '0',
  '-1',
  ' ',
  'a b',
  '%2F',
  '..a',
  '...',
  '.a',
  'a.',
  '\\',
  '*',
  '?',
  '#',
  "'",
  '"',
  '~',
  '\u00a0',
  'ä',
  'a\u0308',
  'ß',
  'İ',
  '日本',
  '\u200b',
  '\u202e',
  '\uf900',
  '\uffef',
] as const

const INVALID_PATHS: readonly (readonly [string, string])[] = [
  ['', 'it is empty'],
  ['a', 'it must start with "/"'],
  ['/a/', 'it must not end with "/"'],
  ['//', 'empty name at 1'],
  ['/a//b', 'empty name at 3'],
  ['/.', 'relative name "." at 1'],
  ['/a/..', 'relative name ".." at 3'],
  ['/a/./b', 'relative name "." at 3'],
  ['/a\u0000', 'character U+0000 is not allowed at 2'],
  ['/\u001f', 'character U+001F is not allowed at 1'],
  ['/\u007f', 'character U+007F is not allowed at 1'],
  ['/\u009f', 'character U+009F is not allowed at 1'],
  ['/\ud800', 'character U+D800 is not allowed at 1'],
  ['/😀', 'character U+D83D is not allowed at 1'],
  ['/\ue000', 'character U+E000 is not allowed at 1'],
  ['/\uf8ff', 'character U+F8FF is not allowed at 1'],
  ['/\ufff0', 'character U+FFF0 is not allowed at 1'],
]

export const CHILDREN = describeContract('children', (test) => {
  test('are listed by name with the Stat of their parent', async ({ zk }) => {
    await zk.create('/p')
    await zk.multi([Op.create('/p/a'), Op.create('/p/b'), Op.create('/p/a/deep')])

    const { children, stat } = await zk.getChildren('/p')

    expect([...children].sort()).toEqual(['a', 'b'])
    expect({ ...stat }).toEqual({ ...(await zk.exists('/p')) })
    expect(stat.numChildren).toBe(2)
  })

  test('of a znode without any are none', async ({ zk }) => {
    await zk.create('/p')

    expect((await zk.getChildren('/p')).children).toEqual([])
    expect(await zk.getAllChildrenNumber('/p')).toBe(0)
  })

  test('are counted at any depth', async ({ zk }) => {
    await zk.createAll('/p/a/b/c')
    await zk.create('/p/e', null, { mode: 'EPHEMERAL' })
    await zk.create('/pp')

    const counts = [await zk.getAllChildrenNumber('/p'), await zk.getAllChildrenNumber('/')]

    expect(counts).toEqual([4, 6])
  })

  test('can be 10,000, listed, counted and deleted together', async ({ zk }) => {
    const names = Array.from({ length: 10_000 }, (_, i) => `child-${i}`)
    await zk.create('/p')
    for (let i = 0; i < names.length; i += 2000) {
      await zk.multi(names.slice(i, i + 2000).map((name) => Op.create(`/p/${name}`)))
    }

    const { children, stat } = await zk.getChildren('/p')
    const count = await zk.getAllChildrenNumber('/p')
    await zk.deleteAll('/p')

    expect(children.length).toBe(10_000)
    expect(new Set(children)).toEqual(new Set(names))
    expect([stat.numChildren, stat.cversion, count]).toEqual([10_000, 10_000, 10_000])
    expect(await zk.exists('/p')).toBeNull()
  })
})

export const PATHS = describeContract('names and paths', (test) => {
  for (const name of NAMES) {
    test(`${JSON.stringify(name)} names a znode like any other`, async ({ zk }) => {
      const path = await zk.create(`/${name}`, 'data')
      const events: (string | null)[] = []
      await zk.getData(path, { watcher: (event) => events.push(event.path) })
      await zk.create(`${path}/${name}`)
      await zk.setData(path, 'new')

      expect(path).toBe(`/${name}`)
      expect((await zk.getChildren('/')).children).toEqual([name])
      expect((await zk.getChildren(path)).children).toEqual([name])
      expect(text((await zk.getData(path)).data)).toBe('new')
      expect(events).toEqual([path])
    })
  }

  for (const [path, fault] of INVALID_PATHS) {
    test(`${JSON.stringify(path)} is refused before it is sent`, async ({ zk }) => {
      const messages = [
        await messageOf(() => zk.create(path)),
        await messageOf(() => zk.exists(path)),
        await messageOf(() => zk.addWatch(path, () => undefined)),
      ]

      expect(messages.every((message) => message.startsWith('TypeError: Invalid path'))).toBe(true)
      expect(messages[0]).toContain(fault)
    })
  }

  test('a name of 100,000 characters is one', async ({ zk }) => {
    const name = 'x'.repeat(100_000)

    await zk.create(`/${name}`)

    expect((await zk.getChildren('/')).children).toEqual([name])
  })

  test('a path may have 500 names', async ({ zk }) => {
    await zk.multi(pathsDownTo(500).map((path) => Op.create(path)))
    const count = await zk.getAllChildrenNumber('/')
    await zk.deleteAll('/x')

    expect(count).toBe(500)
    expect(await zk.exists('/x')).toBeNull()
  })

  test('a path of more names than the server allows is BADARGUMENTS', async (world) => {
    const server = await world.startServer({ limits: { maxPathDepth: 2 } })
    const zk = world.keep(await server.connect())

    const codes = [await codeOf(zk.createAll('/x/x')), await codeOf(zk.create('/x/x/x'))]

    expect(codes).toEqual(['OK', 'BADARGUMENTS'])
  })
})

/** `/x`, `/x/x`, and so on. */
function pathsDownTo(depth: number): string[] {
  return Array.from({ length: depth }, (_, i) => '/x'.repeat(i + 1))
}
