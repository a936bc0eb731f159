/** KnownPaths: what is valid stays valid, and what is not is never let in. */
import { describe, expect, it } from 'vitest'
import { KnownPaths } from '../../src/protocol/known-paths.js'

describe('known paths', () => {
  it('let valid ones pass, and refuse others however often they are asked', () => {
    const paths = new KnownPaths()
    const ask =
      (path: unknown): (() => unknown) =>
      () =>
        Reflect.apply(paths.validate, paths, [path])

    for (let i = 0; i < 2; i++) {
      expect(ask('/a/b')).not.toThrow()
      expect(ask('/a//b')).toThrow('Invalid path "/a//b": empty name at 3')
      expect(ask('')).toThrow('it is empty')
      expect(ask(5)).toThrow('it must be a string')
      expect(ask(undefined)).toThrow(TypeError)
    }
  })

  it('let more pass than they keep', () => {
    const paths = new KnownPaths()

    expect(() => {
      for (let i = 0; i < 10_000; i++) paths.validate(`/n${i % 6_000}`)
    }).not.toThrow()
  })

  it('are judged once as long as they are known: the last 4,096 that were new', () => {
    const judged: string[] = []
    const paths = new KnownPaths((path) => judged.push(path))
    const all = Array.from({ length: 4_097 }, (_, i) => `/n${i}`)

    for (const path of all.slice(0, -1)) paths.validate(path)
    for (const path of all.slice(0, -1)) paths.validate(path)
    const first = judged.length
    for (const path of [all.at(-1), all[0], all[0]]) paths.validate(path ?? '')

    expect([first, ...judged.slice(first)]).toEqual([4_096, '/n4096', '/n0'])
  })
})
