/**
 * Law 4: a watcher that throws, or whose promise rejects, never stops delivery and is never swallowed. It reaches the
 * `watcherError` listener of its client, else of its server, else the platform, as an uncaught error in a task of its own.
 */
import { describe, expect, it } from 'vitest'
import { EmbeddedZooKeeper, type WatchedEvent, type ZooKeeper } from '../../../src/index.js'
import { LibraryBundle } from './child-process.js'
import { macrotask } from './event-loop.js'

/** The ways in which a watcher can fail, with the message of each. */
const FAILURES: Readonly<Record<string, () => unknown>> = {
  throws: () => {
    throw new Error('broken')
  },
  'is async and rejects': async () => {
    throw new Error('broken')
  },
  'is async and rejects after an await': async () => {
    await macrotask()
    throw new Error('broken')
  },
  'returns a thenable that rejects': () => ({
    // biome-ignore lint/suspicious/noThenProperty: a thenable of another library is what is tested
    then: (_resolve: unknown, reject: (error: Error) => void) => reject(new Error('broken')),
  }),
}

describe.each(Object.entries(FAILURES))('a watcher that %s', (_name, fail) => {
  it('goes to the watcherError listener of its client, with its event, and stops nobody', async () => {
    await using zoo = new EmbeddedZooKeeper()
    const zk = await zoo.connect()
    const seen: string[] = []
    zk.on('watcherError', (error, event) => seen.push(describeFailure(error, event)))

    await fireThree(zk, fail, seen)

    expect(seen.toSorted()).toEqual(['Error: broken at NodeCreated /a', 'after', 'before', 'second event'])
  })

  it('goes to the watcherError listener of the server if its client has none', async () => {
    await using zoo = new EmbeddedZooKeeper()
    const zk = await zoo.connect()
    const seen: string[] = []
    zoo.on('watcherError', (error, event, from) => {
      seen.push(`${describeFailure(error, event)} of ${from === zk ? 'zk' : 'another'}`)
    })

    await fireThree(zk, fail, seen)

    expect(seen.toSorted()).toEqual([
      'Error: broken at NodeCreated /a of zk',
      'after',
      'before',
      'second event',
    ])
  })

  it('does not reach the server if its client has a listener', async () => {
    await using zoo = new EmbeddedZooKeeper()
    const zk = await zoo.connect()
    const seen: string[] = []
    zk.on('watcherError', () => seen.push('client'))
    zoo.on('watcherError', () => seen.push('server'))

    await zk.exists('/a', { watcher: fail })
    await zk.create('/a')
    await rest(zoo)

    expect(seen).toEqual(['client'])
  })
})

it('a watcher that does not fail reports no error, whatever it returns', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()
  const errors: unknown[] = []
  zk.on('watcherError', (error) => errors.push(error))

  // biome-ignore lint/suspicious/noThenProperty: what looks like a thenable and is none is tested too
  const results = [undefined, null, 1, 'text', { then: 1 }, Promise.resolve('fine')]
  for (const result of results) {
    await zk.exists('/a', { watcher: () => result })
  }
  await zk.create('/a')
  await rest(zoo)

  expect(errors).toEqual([])
})

it('an async watcher is not awaited: the next event does not wait for it', async () => {
  await using zoo = new EmbeddedZooKeeper()
  const zk = await zoo.connect()
  const seen: string[] = []
  await zk.addWatch(
    '/',
    async ({ path }) => {
      seen.push(`begin ${path}`)
      await macrotask()
      await macrotask()
      seen.push(`end ${path}`)
    },
    { recursive: true },
  )

  await Promise.all([zk.create('/a'), zk.create('/b')])
  await rest(zoo)

  expect(seen).toEqual(['begin /a', 'begin /b', 'end /a', 'end /b'])
})

describe('in a process of its own', () => {
  const program = `
    const zoo = new zoolet.EmbeddedZooKeeper()
    const zk = await zoo.connect()
    process.on('uncaughtException', (error) => console.log('uncaught', String(error)))
    process.on('unhandledRejection', (error) => console.log('unhandled', String(error)))
    const finish = async () => {
      await zk.exists('/a', { watcher: () => { console.log('before') } })
      await zk.exists('/a', { watcher: fail })
      await zk.exists('/a', { watcher: () => { console.log('after') } })
      await zk.create('/a')
      await new Promise((resolve) => setTimeout(resolve, 20))
      console.log('still here')
    }`

  it('an error that nobody listens for is an uncaught exception, and delivery goes on', async () => {
    const { stdout } = await runInChild(`${program}
      function fail() { throw new Error('broken') }
      await finish()`)

    expect(stdout.trim().split('\n')).toEqual(['before', 'after', 'uncaught Error: broken', 'still here'])
  })

  it('a rejection that nobody listens for is an uncaught exception, not an unhandled rejection', async () => {
    const { stdout } = await runInChild(`${program}
      async function fail() { throw new Error('broken') }
      await finish()`)

    expect(stdout.trim().split('\n')).toEqual(['before', 'after', 'uncaught Error: broken', 'still here'])
  })

  it('an error that somebody listens for does not surface', async () => {
    const { stdout } = await runInChild(`${program}
      function fail() { throw new Error('broken') }
      zk.on('watcherError', (error) => console.log('heard', String(error)))
      await finish()`)

    expect(stdout.trim().split('\n')).toEqual(['before', 'heard Error: broken', 'after', 'still here'])
  })

  it('a watcherError listener that throws surfaces itself, and delivery goes on', async () => {
    const { stdout } = await runInChild(`${program}
      function fail() { throw new Error('broken') }
      zk.on('watcherError', () => { throw new Error('the listener') })
      await finish()`)

    expect(stdout.trim().split('\n')).toEqual([
      'before',
      'after',
      'uncaught Error: the listener',
      'still here',
    ])
  })

  it('a watcherError listener of the server that throws surfaces itself, and delivery goes on', async () => {
    const { stdout } = await runInChild(`${program}
      function fail() { throw new Error('broken') }
      zoo.on('watcherError', () => { throw new Error('the listener') })
      await finish()`)

    expect(stdout.trim().split('\n')).toEqual([
      'before',
      'after',
      'uncaught Error: the listener',
      'still here',
    ])
  })

  it('an error that nobody listens for and nobody catches ends the process', async () => {
    const { exitCode, stderr } = await runInChild(`
      const zoo = new zoolet.EmbeddedZooKeeper()
      const zk = await zoo.connect()
      await zk.exists('/a', { watcher: () => { throw new Error('broken') } })
      await zk.create('/a')
      await new Promise((resolve) => setTimeout(resolve, 5000))`)

    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('Error: broken')
  })
})

/** Fires three watchers at once, the failing one in the middle, and then one more. */
async function fireThree(zk: ZooKeeper, fail: () => unknown, seen: string[]): Promise<void> {
  await zk.exists('/a', { watcher: () => seen.push('before') })
  await zk.exists('/a', { watcher: fail })
  await zk.exists('/a', { watcher: () => seen.push('after') })
  await zk.create('/a')
  await zk.exists('/a', { watcher: () => seen.push('second event') })
  await zk.delete('/a')
  for (let turn = 0; turn < 3; turn++) await macrotask()
}

async function rest(zoo: EmbeddedZooKeeper): Promise<void> {
  await zoo.settle()
  for (let turn = 0; turn < 4; turn++) await macrotask()
}

function describeFailure(error: unknown, event: WatchedEvent | undefined): string {
  return `${String(error)} at ${event?.type} ${event?.path}`
}

async function runInChild(script: string): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const bundle = await LibraryBundle.create()
  try {
    return await bundle.run(script)
  } finally {
    bundle.remove()
  }
}
