/** Tap: listeners hear everything, in order, between hold and release nothing, and none of them stops another. */
import { describe, expect, it } from 'vitest'
import { Tap } from '../../src/base/tap.js'
import { macrotask } from '../semantics/ordering/event-loop.js'

function openTap(): { tap: Tap<string>; heard: string[]; errors: unknown[]; stop: () => void } {
  const errors: unknown[] = []
  const heard: string[] = []
  const tap = new Tap<string>((error) => errors.push(error))
  const stop = tap.listen((event) => void heard.push(event))
  return { tap, heard, errors, stop }
}

describe('a tap', () => {
  it('is open exactly while somebody listens', () => {
    const tap = new Tap<string>(() => undefined)
    const states = [tap.isOpen]

    const stops = [tap.listen(() => undefined), tap.listen(() => undefined)]
    states.push(tap.isOpen)
    for (const stop of stops) {
      stop()
      states.push(tap.isOpen)
    }

    expect(states).toEqual([false, true, true, false])
  })

  it('tells at once unless it is held', () => {
    const { tap, heard } = openTap()

    tap.tell('one')

    expect(heard).toEqual(['one'])
  })

  it('keeps events back while it is held, and tells them in order when it is released', () => {
    const { tap, heard } = openTap()
    tap.hold()
    tap.tell('one')
    tap.tell('two')
    const during = [...heard]

    tap.release()

    expect([during, heard]).toEqual([[], ['one', 'two']])
  })

  it('has nothing to tell when it is released without events', () => {
    const { tap, heard } = openTap()

    tap.hold()
    tap.release()

    expect(heard).toEqual([])
  })

  it('tells all listeners one event before the next', () => {
    const { tap, heard } = openTap()
    tap.listen((event) => void heard.push(`second ${event}`))

    tap.hold()
    tap.tell('one')
    tap.tell('two')
    tap.release()

    expect(heard).toEqual(['one', 'second one', 'two', 'second two'])
  })

  it('tells a listener that was added twice twice, and stops each by itself', () => {
    const tap = new Tap<string>(() => undefined)
    const heard: string[] = []
    const listener = (event: string): void => void heard.push(event)
    const [stop] = [tap.listen(listener), tap.listen(listener)]

    tap.tell('one')
    stop?.()
    tap.tell('two')

    expect(heard).toEqual(['one', 'one', 'two'])
  })

  it('goes on when a listener throws, and hands the error over', () => {
    const errors: unknown[] = []
    const tap = new Tap<string>((error) => errors.push(error))
    const heard: string[] = []
    tap.listen(() => {
      throw new Error('listener')
    })
    tap.listen((event) => void heard.push(event))

    tap.tell('one')
    tap.tell('two')

    expect(heard).toEqual(['one', 'two'])
    expect(errors).toEqual([new Error('listener'), new Error('listener')])
  })

  it('does not tell a listener that stopped while it was told', () => {
    const { tap, heard, stop } = openTap()
    tap.listen(() => stop())

    tap.tell('one')
    tap.tell('two')

    expect(heard).toEqual(['one'])
  })

  it('tells what a listener tells after what it is being told', () => {
    const { tap, heard } = openTap()
    tap.listen((event) => {
      if (event === 'one') tap.tell('three')
    })
    tap.hold()
    tap.tell('one')
    tap.tell('two')

    tap.release()

    expect(heard).toEqual(['one', 'two', 'three'])
  })
})

describe('listeners that answer each event with another', () => {
  it('let the event loop go first now and then', async () => {
    const tap = new Tap<number>(() => undefined)
    let last = 0
    let isOver = false
    tap.listen((event) => {
      last = event
      if (!isOver) tap.tell(event + 1)
    })

    tap.tell(1)
    isOver = true
    await macrotask()

    expect(last).toBe(1001)
  })
})
