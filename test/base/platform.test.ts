/** The platform's leaves: macrotasks in every kind of environment, text and base64, random bytes. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

beforeEach(() => {
  vi.resetModules()
})

afterEach(() => {
  vi.unstubAllGlobals()
})

class FakePort {
  onmessage: (() => void) | null = null
  other: FakePort | undefined
  isUnreferenced = false
  readonly posted: null[] = []

  postMessage(message: null): void {
    this.posted.push(message)
  }

  unref(): void {
    this.isUnreferenced = true
  }
}

describe('a macrotask', () => {
  it('is a setImmediate where there is one', async () => {
    const queued: (() => void)[] = []
    vi.stubGlobal('setImmediate', (callback: () => void) => queued.push(callback))
    const { runMacrotask } = await import('../../src/base/platform.js')
    const callback = (): void => undefined

    runMacrotask(callback)

    expect(queued).toEqual([callback])
  })

  it('is a message to oneself in a browser, one for each, in order', async () => {
    const ports: FakePort[] = []
    vi.stubGlobal('setImmediate', undefined)
    vi.stubGlobal(
      'MessageChannel',
      class {
        readonly port1 = new FakePort()
        readonly port2 = new FakePort()
        constructor() {
          ports.push(this.port1, this.port2)
        }
      },
    )
    const { runMacrotask } = await import('../../src/base/platform.js')
    const order: string[] = []

    runMacrotask(() => order.push('one'))
    runMacrotask(() => order.push('two'))
    const [receiver, sender] = ports
    for (const _ of sender?.posted ?? []) receiver?.onmessage?.()
    receiver?.onmessage?.()

    expect([order, sender?.posted.length, receiver?.isUnreferenced]).toEqual([['one', 'two'], 2, true])
  })

  it('is a timer where there is nothing better', async () => {
    const delays: number[] = []
    vi.stubGlobal('setImmediate', undefined)
    vi.stubGlobal('MessageChannel', undefined)
    vi.stubGlobal('setTimeout', (callback: () => void, delayMs: number) => {
      delays.push(delayMs)
      callback()
      return 1
    })
    const { runMacrotask } = await import('../../src/base/platform.js')
    let calls = 0

    runMacrotask(() => calls++)

    expect([delays, calls]).toEqual([[0], 1])
  })

  it('is not touched by fake timers that come later', async () => {
    const { runMacrotask } = await import('../../src/base/platform.js')
    vi.stubGlobal('setImmediate', () => {
      throw new Error('fake')
    })

    await new Promise<void>((resolve) => runMacrotask(resolve))
  })
})

// tidy-ignore realTime: what comes before a macrotask of the real event loop is the matter
const startImmediate = setImmediate

describe('the end of all microtasks', () => {
  const nextTick = (): void => undefined
  const release = { name: 'node' }

  it('comes before timers and I/O in Node, whether asked for from a microtask or not', async () => {
    const { runAfterMicrotasks } = await import('../../src/base/platform.js')
    const order: string[] = []
    const ask = (name: string): void => {
      runAfterMicrotasks?.(() => order.push(name))
      let chain = Promise.resolve()
      for (let depth = 0; depth < 50; depth++) chain = chain.then(() => undefined)
      void chain.then(() => order.push(`what awaits before ${name}`))
    }

    await new Promise<void>((resolve) => {
      startImmediate(() => {
        startImmediate(() => {
          order.push('macrotask')
          resolve()
        })
        ask('the first')
        runAfterMicrotasks?.(() => void Promise.resolve().then(() => ask('the second')))
      })
    })

    expect(order).toEqual([
      'what awaits before the first',
      'the first',
      'what awaits before the second',
      'the second',
      'macrotask',
    ])
  })

  it.each([
    ['there is no process', undefined],
    ['a bundler put something in the place of the process', { nextTick, versions: {} }],
    ['only the name is that of Node: Bun', { nextTick, release, versions: { node: '22', bun: '1' } }],
    ['only the name is that of Node: Deno', { nextTick, release, versions: { node: '22', deno: '2' } }],
    ['two event loops are one', { nextTick, release, versions: { node: '22', electron: '30' } }],
  ])('is nothing to wait for where %s', async (_, process) => {
    vi.stubGlobal('process', process)

    const { runAfterMicrotasks } = await import('../../src/base/platform.js')

    expect(runAfterMicrotasks).toBeUndefined()
  })
})

describe('random bytes', () => {
  it('are as many as asked for, and others each time', async () => {
    const { strongRandomBytes } = await import('../../src/base/platform.js')

    const [one, two] = [strongRandomBytes(16), strongRandomBytes(16)]

    expect([one.length, two.length]).toEqual([16, 16])
    expect(one).not.toEqual(two)
  })

  it('are known to be there before they are asked for', async () => {
    const { hasStrongRandom } = await import('../../src/base/platform.js')
    const before = hasStrongRandom()
    vi.stubGlobal('crypto', crypto)
    const asValue = hasStrongRandom()
    vi.stubGlobal('crypto', undefined)

    expect([before, asValue, hasStrongRandom()]).toEqual([true, true, false])
  })

  it('say what to do where the platform has none', async () => {
    vi.stubGlobal('crypto', undefined)
    const { strongRandomBytes } = await import('../../src/base/platform.js')

    expect(() => strongRandomBytes(16)).toThrow(
      new Error('This platform has no crypto.getRandomValues: pass the option randomBytes'),
    )
  })
})

describe('text and base64', () => {
  it('survive a round trip', async () => {
    const { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } = await import('../../src/base/platform.js')
    const texts = ['', 'a', 'héllo', '\ufeffx', '\u{1f600}']

    expect(texts.map((text) => decodeUtf8(encodeUtf8(text)))).toEqual(texts)
    expect(texts.map((text) => decodeUtf8(decodeBase64(encodeBase64(encodeUtf8(text)))))).toEqual(texts)
  })

  it('gives U+FFFD for broken UTF-8', async () => {
    const { decodeUtf8 } = await import('../../src/base/platform.js')

    expect(decodeUtf8(new Uint8Array([0x61, 0xff]))).toBe('a\ufffd')
  })
})

describe('a microtask', () => {
  it('runs before any macrotask', async () => {
    const { runMacrotask, runMicrotask } = await import('../../src/base/platform.js')
    const order: string[] = []

    await new Promise<void>((resolve) => {
      runMacrotask(() => {
        order.push('macrotask')
        resolve()
      })
      runMicrotask(() => order.push('microtask'))
    })

    expect(order).toEqual(['microtask', 'macrotask'])
  })
})
