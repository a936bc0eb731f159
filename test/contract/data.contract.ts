/** Data of znodes: what goes in comes out, at every size that fits, and which version is replaced. */
import { expect } from 'vitest'
import { codeOf, failureOf, text } from '../semantics/fixture.js'
import { describeContract } from './contract.js'

const MIB = 1_048_576
/** What a server takes in one request, all told: jute.maxbuffer. */
const LARGEST_REQUEST = MIB - 1
/** Of a setData beside its path and data: xid, operation, two lengths, version. */
const SET_DATA_BYTES = 20
/** Of a create beside its path and data: xid, operation, two lengths, an ACL of one entry for the world, flags. */
const CREATE_BYTES = 47

const FORMS: readonly (readonly [string, string | Uint8Array | null | undefined, string | null])[] = [
  ['text', 'hello', 'hello'],
  ['text beyond ASCII', 'naïve 日本 😀', 'naïve 日本 😀'],
  ['bytes', new Uint8Array([104, 105]), 'hi'],
  ['null', null, null],
  ['undefined', undefined, null],
  ['empty text', '', ''],
  ['no bytes', new Uint8Array(0), ''],
]

export const DATA = describeContract('data', (test) => {
  for (const [form, data, expected] of FORMS) {
    test(`given as ${form} comes back [trap 18]`, async ({ zk }) => {
      await zk.create('/created', data)
      await zk.create('/set', 'other')
      const stat = await zk.setData('/set', data ?? null)

      const [created, set] = [await zk.getData('/created'), await zk.getData('/set')]

      expect([text(created.data), text(set.data)]).toEqual([expected, expected])
      const length = expected === null ? 0 : new TextEncoder().encode(expected).length
      expect([created.stat.dataLength, set.stat.dataLength, stat.dataLength]).toEqual([
        length,
        length,
        length,
      ])
    })
  }

  test('of every byte value comes back', async ({ zk }) => {
    const data = Uint8Array.from({ length: 256 }, (_, i) => i)

    await zk.create('/a', data)

    expect((await zk.getData('/a')).data).toEqual(data)
  })

  for (const bytes of [1000, 65_536, 1_000_000]) {
    test(`of ${bytes} bytes comes back`, async ({ zk }) => {
      const data = patternOf(bytes)

      await zk.create('/a', data)
      const created = (await zk.getData('/a')).data
      await zk.setData('/a', data.toReversed())
      const set = (await zk.getData('/a')).data

      expect(isSame(created, data)).toBe(true)
      expect(isSame(set, data.toReversed())).toBe(true)
    })
  }

  test('may fill a request to the last byte of 1,048,575', async (world) => {
    const zk = await world.connectAnywhere()
    const path = `${world.top}/a`

    await zk.create(path, patternOf(LARGEST_REQUEST - CREATE_BYTES - path.length))
    const created = await zk.exists(path)
    await zk.setData(path, patternOf(LARGEST_REQUEST - SET_DATA_BYTES - path.length))
    const { data, stat } = await zk.getData(path)

    expect(created?.dataLength).toBe(LARGEST_REQUEST - CREATE_BYTES - path.length)
    expect(stat.dataLength).toBe(LARGEST_REQUEST - SET_DATA_BYTES - path.length)
    expect(isSame(data, patternOf(stat.dataLength))).toBe(true)
  })

  test('that is one byte longer is a RangeError, and the connection stays', async (world) => {
    const zk = await world.connectAnywhere()
    const path = `${world.top}/a`

    const errors = [
      await failureOf(() => zk.create(path, patternOf(LARGEST_REQUEST - CREATE_BYTES - path.length + 1))),
      await failureOf(() => zk.setData(path, patternOf(LARGEST_REQUEST - SET_DATA_BYTES - path.length + 1))),
    ]

    expect(errors.map((error) => error instanceof RangeError)).toEqual([true, true])
    expect(await codeOf(zk.create(path))).toBe('OK')
  })

  test('is replaced with a new version each time, the same bytes too', async ({ zk }) => {
    await zk.create('/a', 'same')

    const versions = [(await zk.setData('/a', 'same')).version, (await zk.setData('/a', 'same')).version]

    expect(versions).toEqual([1, 2])
  })

  for (const [version, code] of [
    [-1, 'OK'],
    [1, 'OK'],
    [0, 'BADVERSION'],
    [2, 'BADVERSION'],
    [-2, 'BADVERSION'],
  ] as const) {
    test(`of version 1 set as version ${version} is ${code}`, async ({ zk }) => {
      await zk.create('/a', 'old')
      await zk.setData('/a', 'old')

      const outcome = await codeOf(zk.setData('/a', 'new', version))

      expect(outcome).toBe(code)
      expect(text((await zk.getData('/a')).data)).toBe(code === 'OK' ? 'new' : 'old')
    })
  }

  test('is nobody else’s: the bytes that were given and got may be changed', async (world) => {
    const { zk } = world
    const given = new Uint8Array([1, 2, 3])
    const created = zk.create('/a', given)
    given.fill(0)
    await created

    const got = await zk.getData('/a')
    got.data?.fill(9)

    expect((await zk.getData('/a')).data).toEqual(new Uint8Array([1, 2, 3]))
  })
})

/** Bytes that differ from place to place, in a period that is no power of two. */
function patternOf(length: number): Uint8Array {
  return new Uint8Array(
    Buffer.alloc(
      length,
      Uint8Array.from({ length: 251 }, (_, i) => i),
    ),
  )
}

/** Quicker than a comparison that could say where. */
function isSame(actual: Uint8Array | null, expected: Uint8Array): boolean {
  return actual !== null && Buffer.compare(actual, expected) === 0
}
