/** Values as text, so that two can be compared quickly and the difference of two be shown well. */
import { expect } from 'vitest'
import type { Acl, ModelStat } from './model-calls.js'

/** A value as text: keys sorted, bigints with an n, bytes as the string they encode, undefined left out. */
export function canonical(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (value === undefined) return 'undefined'
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString())
  if (Array.isArray(value)) return `[${value.map(canonical).join(', ')}]`
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  fields.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, field]) => `${name}: ${canonical(field)}`).join(', ')}}`
}

/** A znode as two implementations know it. */
export interface ZnodeView {
  readonly path: string
  readonly data: Uint8Array | string | null
  readonly acl: readonly Acl[]
  readonly stat: ModelStat
  readonly kind: string
}

/** A znode as text; by hand, since there are very many. */
export function znodeLine({ path, data, acl, stat, kind }: ZnodeView): string {
  const bytes = data instanceof Uint8Array ? Buffer.from(data).toString() : data
  const entries = acl.map(({ perms, scheme, id }) => `${scheme}:${id}:${perms}`).join()
  const { czxid, mzxid, pzxid, ctime, mtime, version, cversion, aversion } = stat
  const zxids = `czxid ${czxid} mzxid ${mzxid} pzxid ${pzxid} ctime ${ctime} mtime ${mtime}`
  const versions = `version ${version} cversion ${cversion} aversion ${aversion}`
  const sizes = `owner ${stat.ephemeralOwner} length ${stat.dataLength} children ${stat.numChildren}`
  return `${path} ${JSON.stringify(bytes)} ${kind} ${entries} ${zxids} ${versions} ${sizes}`
}

/** Expects the same lines, at the price of a comparison of strings while they are. */
export function expectSameLines(actual: readonly string[], expected: readonly string[]): void {
  if (actual.length === expected.length && actual.every((line, i) => line === expected[i])) return
  expect(actual).toEqual(expected)
}
