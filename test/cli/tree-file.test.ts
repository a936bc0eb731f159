/** The tree of `--load`: what a file brings, and what is said of one that cannot be loaded. */
import { describe, expect, it } from 'vitest'
import { loadTree } from '../../src/cli/tree-file.js'
import { messageOf, startServer } from '../semantics/fixture.js'
import { temporaryFolder } from './temporary-folder.js'

const folder = temporaryFolder()
const DATA_FAULT = 'must be a string, null or { "base64": "..." }'
const OBJECT_FAULT = 'it must be an object by path, such as { "/app": "hello", "/app/empty": null }'

describe('a file', () => {
  it('brings its znodes, with missing parents', () => {
    const { zoo } = startServer()
    const path = folder.file(
      'good.json',
      '{ "/a/b": "hé", "/c": null, "/d": { "base64": "/wA=" }, "/e": "" }',
    )

    loadTree(zoo, path)

    expect(zoo.dump()).toEqual({ '/a': null, '/a/b': 'hé', '/c': null, '/d': { base64: '/wA=' }, '/e': '' })
  })

  it('made from a dump gives the same dump', () => {
    const [first, second] = [startServer().zoo, startServer().zoo]
    first.load({ '/': 'root', '/__proto__': 'x', '/a/constructor': { base64: 'AA==' } })

    loadTree(second, folder.file('dump.json', JSON.stringify(first.dump())))

    expect(second.dump()).toEqual(first.dump())
  })

  it('may begin with a byte order mark, and may be empty of znodes', () => {
    const { zoo } = startServer()

    loadTree(zoo, folder.file('bom.json', '\ufeff{}'))

    expect(zoo.dump()).toEqual({})
  })
})

describe('a file that is refused', () => {
  it.each([
    [
      'syntax',
      '{\n  "/a": "x"\n  "/b": "y"\n}',
      "it is not JSON: Expected ',' or '}' after property value at line 3, column 3",
    ],
    ['comma', '{ "/a": "x", }', 'it is not JSON: Expected double-quoted property name at line 1, column 14'],
    ['cut off', '{ "/a": "x"', 'it is not JSON: '],
    ['nothing', '', 'it is not JSON: Unexpected end of JSON input'],
    ['UTF-16', new Uint8Array([0xff, 0xfe, 0x7b, 0x00]), 'it is not UTF-8'],
    ['a list', '["/a"]', OBJECT_FAULT],
    ['null', 'null', OBJECT_FAULT],
    ['text', '"/a"', OBJECT_FAULT],
    ['number', '{ "/a": "x", "/b": 5 }', `the data of "/b" ${DATA_FAULT}`],
    ['children', '{ "/a": { "b": "x" } }', `the data of "/a" ${DATA_FAULT}`],
    ['base64', '{ "/a": { "base64": "?" } }', 'Invalid dump: the data of "/a" is no base64'],
    ['relative', '{ "/a": "x", "app": "y" }', 'Invalid path "app": it must start with "/"'],
    ['__proto__', '{ "__proto__": "y" }', 'Invalid path "__proto__": it must start with "/"'],
    ['too much', JSON.stringify({ '/a': 'x'.repeat(1_048_576) }), 'BADARGUMENTS for /a: '],
  ])('for %s says why, and leaves the server as it was', async (name, content, why) => {
    const { zoo } = startServer()
    const path = folder.file('bad.json', content)

    const message = await messageOf(() => loadTree(zoo, path))

    expect([name, message]).toEqual([
      name,
      expect.stringContaining(`CommandError: cannot load "${path}": ${why}`),
    ])
    expect([zoo.dump(), zoo.reports.counts().zxid]).toEqual([{}, 0n])
  })

  it.each([
    ['missing.json', 'there is no such file'],
    ['', 'it is a folder'],
    ['bad.json/x', 'a part of its path is no folder'],
  ])('because it cannot be read says so: %s', async (name, why) => {
    folder.file('bad.json', '')
    const path = folder.pathOf(name)

    const message = await messageOf(() => loadTree(startServer().zoo, path))

    expect(message).toBe(`CommandError: cannot read --load "${path}": ${why}`)
  })

  it('is told of in one line, whatever is in it', async () => {
    const path = folder.file('lines.json', '{\n\n"/a": tru\n\n}')

    const message = await messageOf(() => loadTree(startServer().zoo, path))

    expect(message).toMatch(/^CommandError: cannot load .* it is not JSON: Unexpected token[^\n]*$/)
  })
})
