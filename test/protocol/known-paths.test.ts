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
})
