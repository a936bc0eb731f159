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

  it('are judged once as long as they are known: as long as no other one falls on their place', () => {
    const judged: string[] = []
    const paths = new KnownPaths((path) => judged.push(path))
    const all = Array.from({ length: 1_000 }, (_, i) => `/n-${String(i).padStart(3, '0')}`)

    for (const path of [...all, ...all]) paths.validate(path)
    const first = judged.length
    for (const path of ['/mn-000', '/n-000', '/n-000', '/n-001']) paths.validate(path)

    expect([first, ...judged.slice(first)]).toEqual([1_000, '/mn-000', '/n-000'])
  })

  it('have places of their own where they count up before a short suffix', () => {
    const judged: string[] = []
    const paths = new KnownPaths((path) => judged.push(path))
    const all = Array.from({ length: 1_000 }, (_, i) => `/n-${String(i).padStart(3, '0')}-c`)

    for (const path of [...all, ...all]) paths.validate(path)

    expect(judged.length).toBe(1_000)
  })

  it('are known only as what was judged', () => {
    const paths = new KnownPaths()

    paths.validate('/a/b')

    expect(['/a/b', '/a/c', '', '/c/a/b'].map((path) => paths.has(path))).toEqual([true, false, false, false])
  })

  it('may be as short as they like', () => {
    const judged: string[] = []
    const paths = new KnownPaths((path) => judged.push(path))

    for (const path of ['/', '/', '/a', '/a', '/abc', '/abc', '/abcd', '/abcd', '', '']) paths.validate(path)

    expect(judged).toEqual(['/', '/a', '/abc', '/abcd', '', ''])
  })

  it('are not kept if they are long', () => {
    const judged: string[] = []
    const paths = new KnownPaths((path) => judged.push(path))
    const [longest, longer] = [256, 257].map((length) => `/${'x'.repeat(length - 1)}`)

    for (const path of [longest, longest, longer, longer]) paths.validate(path ?? '')

    expect(judged).toEqual([longest, longer, longer])
  })
})
