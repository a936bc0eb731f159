/** `await using`: the classes close themselves where the platform has the symbol, and are left alone where it has none. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { addAsyncDispose } from '../../src/base/async-dispose.js'

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a class that can be closed', () => {
  it('closes its instances at the end of `await using`', async () => {
    const closed: string[] = []
    class Door {
      close(): Promise<void> {
        closed.push('door')
        return Promise.resolve()
      }
    }

    addAsyncDispose(Door.prototype)
    const dispose: unknown = Reflect.get(new Door(), Symbol.asyncDispose)
    await (dispose as (this: Door) => Promise<void>).call(new Door())

    expect(closed).toEqual(['door'])
    expect(Object.keys(new Door())).toEqual([])
  })

  it('is left alone where the platform has no such symbol', () => {
    const get = Reflect.get
    vi.spyOn(Reflect, 'get').mockImplementation((target: object, name: PropertyKey) =>
      name === 'asyncDispose' ? undefined : get(target, name),
    )
    class Door {
      close(): Promise<void> {
        return Promise.resolve()
      }
    }

    addAsyncDispose(Door.prototype)

    expect(Object.getOwnPropertySymbols(Door.prototype)).toEqual([])
  })
})
