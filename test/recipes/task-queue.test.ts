/** TaskQueue: each task is done by somebody, by one at a time, and not lost with who took it. */
import { describe, expect, it } from 'vitest'
import { KeeperException, type ZooKeeper } from '../../src/index.js'
import { LastingClient, type Task, TaskQueue } from '../../src/recipes/index.js'
import { cutAtNext, leftovers, loseReplyAfter, namesBelow, outcomeOf, startRecipes } from './fixture.js'

function textOf(task: Task | null): string {
  return new TextDecoder().decode(task?.data ?? undefined)
}

/** Acts after the first read of children, and before the next one begins. */
function betweenReads(zk: ZooKeeper, act: () => Promise<void>): void {
  const getChildren: unknown = Reflect.get(zk, 'getChildren')
  if (typeof getChildren !== 'function') throw new Error('a client has getChildren()')
  let reads = 0
  let acted: Promise<void> = Promise.resolve()
  Reflect.set(zk, 'getChildren', async (...args: unknown[]): Promise<unknown> => {
    const call = (): Promise<unknown> => Reflect.apply(getChildren, zk, args)
    if (++reads > 1) return acted.then(call)
    const read = call()
    acted = read.then(act)
    return read
  })
}

/** The client reads from a server that has heard of nothing that it does not ask it to catch up with. */
function lagUntilSync(zk: ZooKeeper): void {
  const sync = zk.sync.bind(zk)
  zk.getData = (path: string) => Promise.reject(new KeeperException('NONODE', path))
  zk.sync = (...args) => {
    Reflect.deleteProperty(zk, 'getData')
    return sync(...args)
  }
}

describe('a task that the server does not let go', () => {
  it('is left to somebody else', async () => {
    const { ann, bob } = await startRecipes()
    const queue = new TaskQueue(ann, '/q')
    const id = await queue.put('one')
    const task = await queue.take()
    const [entries = ''] = (await bob.getChildren('/q')).children.filter((name) => name !== 'taken')
    await bob.createAll(`/q/${entries}/${id}/child`)

    await expect(task.done()).rejects.toMatchObject({ code: 'NOTEMPTY' })

    expect(textOf(await new TaskQueue(bob, '/q').tryTake())).toBe('one')
  })
})

describe('a task queue', () => {
  it('gives tasks by priority, and then in their order', async () => {
    const { ann, bob } = await startRecipes()
    const queue = new TaskQueue(ann, '/q')
    for (const name of ['one', 'two']) await queue.put(name)
    await queue.put('urgent', { priority: 0 })

    const taken = [await queue.take(), await new TaskQueue(bob, '/q').take(), await queue.take()]

    expect(taken.map(textOf)).toEqual(['urgent', 'one', 'two'])
    expect(await queue.tryTake()).toBeNull()
  })

  it('wakes who waits when a task comes, or comes back', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const [anns, bobs] = [new TaskQueue(ann, '/q'), new TaskQueue(bob, '/q')]
    const first = outcomeOf(bobs.take())
    await zoo.settle()
    expect(first.settled).toBeUndefined()

    await anns.put('it')
    await zoo.settle()
    expect(first.settled).toMatchObject({ id: 'entry-100-0000000000' })
    const second = outcomeOf(anns.take())
    await zoo.settle()
    expect(second.settled).toBeUndefined()
    zoo.expire(bob)
    await zoo.settle()

    expect(second.settled).toMatchObject({ id: 'entry-100-0000000000' })
  })

  it('is rid of a task that is done, and of its claim, at once', async () => {
    const world = await startRecipes()
    const queue = new TaskQueue(world.ann, '/q')
    await queue.put('it')
    const task = await queue.take()
    expect(namesBelow(world.zoo, '/q')).toContain(`taken/${task.id}`)

    await task.done()

    expect([await queue.size(), task.isOver]).toEqual([0, true])
    expect(await leftovers(world)).toMatchObject({ ephemerals: 0, watches: 0 })
    await expect(task.done()).rejects.toThrow('it was released before')
  })

  it('takes a task that is put back again', async () => {
    const { ann } = await startRecipes()
    const queue = new TaskQueue(ann, '/q')
    await queue.put('it')
    const task = await queue.take()

    await task.putBack()

    expect((await queue.take()).fencingToken).toBeGreaterThan(task.fencingToken)
    await expect(task.done()).rejects.toThrow('it was released before')
  })

  it('leaves the claim of the next one alone when the reply to putting it back was lost', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const queue = new TaskQueue(ann, '/q')
    await queue.put('it')
    const task = await queue.take()

    cutAtNext(zoo, ann, 'delete')
    const puttingBack = outcomeOf(task.putBack().then(() => 'put back'))
    await zoo.settle()
    const next = await new TaskQueue(bob, '/q').take()
    zoo.reconnect(ann)
    await zoo.settle()

    expect([puttingBack.settled, next.signal.aborted]).toEqual(['put back', false])
    expect(await queue.tryTake()).toBeNull()
  })

  it('gets a task back at the end of the block that uses it, unless it is done', async () => {
    const { ann } = await startRecipes()
    const queue = new TaskQueue(ann, '/q')
    for (const name of ['one', 'two']) await queue.put(name)
    {
      await using first = await queue.take()
      await using second = await queue.take()
      await first.done()
      expect([first.isOver, second.isOver]).toEqual([true, false])
    }

    expect([await queue.size(), textOf(await queue.tryTake())]).toEqual([1, 'two'])
  })

  it.each([['entries'], ['taken'], ['entries', 'taken']])(
    'wakes who waits although %s was deleted',
    async (...names) => {
      const { zoo, ann, bob } = await startRecipes()
      const taking = outcomeOf(new TaskQueue(ann, '/q').take().then(textOf))
      await zoo.settle()

      for (const name of names) await bob.delete(`/q/${name}`)
      await zoo.settle()
      expect(taking.settled).toBeUndefined()
      await new TaskQueue(bob, '/q').put('it')
      await zoo.settle()

      expect(taking.settled).toBe('it')
    },
  )

  it.each(['entries', 'taken'])('wakes who waits although %s was deleted just before', async (name) => {
    const { zoo, ann, bob } = await startRecipes()
    const stop = zoo.inspect(({ kind }) => {
      if (kind !== 'txn' || !namesBelow(zoo, '/q').includes('taken')) return
      stop()
      void bob.delete(`/q/${name}`)
    })

    const taking = outcomeOf(new TaskQueue(ann, '/q').take().then(textOf))
    await zoo.settle()
    await new TaskQueue(bob, '/q').put('it')
    await zoo.settle()

    expect(taking.settled).toBe('it')
  })

  it.each([0, 1, 2, 3, 4, 5])('has one claim although the reply after %d others was lost', async (others) => {
    const { zoo, ann } = await startRecipes()
    const queue = new TaskQueue(ann, '/q')
    await queue.put('it')

    let disconnections = 0
    ann.on('disconnected', () => void disconnections++)

    const stop = loseReplyAfter(zoo, ann, others)
    const task = await queue.take()
    await task.done()
    stop()

    expect(disconnections).toBe(1)
    expect([await queue.size(), await queue.tryTake()]).toEqual([0, null])
  })

  it('claims no task that is done while it looks', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const queue = new TaskQueue(bob, '/q')
    await queue.put('it')
    const task = await queue.take()
    const methods: string[] = []
    zoo.inspect((event) => {
      if (event.kind === 'request' && event.sessionId === ann.sessionId) methods.push(event.request.type)
    })

    betweenReads(ann, () => task.done())
    const tried = await new TaskQueue(ann, '/q').tryTake()
    await zoo.settle()

    expect([tried, methods]).toEqual([null, ['getChildren2', 'getChildren2']])
  })

  it('wakes who waits when a task comes back while it looks', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const queue = new TaskQueue(bob, '/q')
    await queue.put('it')
    const task = await queue.take()

    betweenReads(ann, () => task.putBack())
    const taking = outcomeOf(new TaskQueue(ann, '/q').take().then(textOf))
    await zoo.settle()

    expect(taking.settled).toBe('it')
  })

  it('takes back a claim whose reply was lost from a server that lags behind, too', async () => {
    const world = await startRecipes()
    const { zoo, ann, bob } = world
    await new TaskQueue(bob, '/q').put('it')
    const stop = new AbortController()
    await (await new TaskQueue(bob, '/q').take()).putBack()
    cutAtNext(zoo, ann, 'create')
    const taking = outcomeOf(new TaskQueue(ann, '/q').take({ signal: stop.signal }))
    await zoo.settle()
    expect(namesBelow(zoo, '/q')).toContain('taken/entry-100-0000000000')

    stop.abort(new Error('enough'))
    lagUntilSync(ann)
    zoo.reconnect(ann)
    await world.clock.advance(1000)

    expect(taking.settled).toMatchObject({ message: 'enough' })
    expect(textOf(await new TaskQueue(bob, '/q').tryTake())).toBe('it')
  })

  it('leaves nothing behind when waiting is given up', async () => {
    const world = await startRecipes()
    const late = outcomeOf(new TaskQueue(world.ann, '/q').take({ timeoutMs: 5 }))
    await world.zoo.settle()

    await world.clock.advance(5)

    expect(late.settled).toMatchObject({ message: 'Gave up after 5 ms: take from the queue /q' })
    expect(await leftovers(world)).toMatchObject({ ephemerals: 0, watches: 0 })
  })

  it('refuses a bad priority', async () => {
    const { ann } = await startRecipes()

    await expect(new TaskQueue(ann, '/q').put('it', { priority: 1000 })).rejects.toThrow(
      'Invalid priority 1000',
    )
  })
})

describe('a task whose end was refused', () => {
  it.each([{ timeoutMs: -1 }, { timoutMs: 100 }])('stays in the queue, for %j is no option', async (bad) => {
    const { ann } = await startRecipes()
    const queue = new TaskQueue(ann, '/q')
    await queue.put('it')
    const task = await queue.take()

    await expect(Reflect.apply(task.done, task, [bad])).rejects.toThrow(/timeoutMs/)
    expect(task.isOver).toBe(false)
    await task.putBack()

    expect(textOf(await queue.tryTake())).toBe('it')
  })

  it('is put back when that ends its worker', async () => {
    const { ann } = await startRecipes()
    const queue = new TaskQueue(ann, '/q')
    await queue.put('it')

    const processing = queue.process((task) => task.done({ timeoutMs: -1 }))

    await expect(processing).rejects.toThrow('Invalid timeoutMs -1')
    expect(textOf(await queue.tryTake())).toBe('it')
  })

  it('can be done all the same', async () => {
    const { ann } = await startRecipes()
    const queue = new TaskQueue(ann, '/q')
    await queue.put('it')
    const task = await queue.take()

    await expect(task.done({ timeoutMs: -1 })).rejects.toThrow(RangeError)
    await task.done()

    expect(await queue.size()).toBe(0)
  })
})

describe('processing', () => {
  it('does one task after the other until it is stopped', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const done: string[] = []
    const stop = new AbortController()
    const queue = new TaskQueue(ann, '/q')
    const processing = new TaskQueue(bob, '/q').process((task) => void done.push(textOf(task)), {
      signal: stop.signal,
    })

    for (const name of ['one', 'two']) await queue.put(name)
    await zoo.settle()
    stop.abort()
    await processing

    expect([done, await queue.size()]).toEqual([['one', 'two'], 0])
  })

  it('goes on after the session has expired while a task was done, with a client that outlives it', async () => {
    const { zoo, ann } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const begun: string[] = []
    const stop = new AbortController()
    const processing = outcomeOf(
      new TaskQueue(lasting, '/q').process(
        (task) => {
          if (begun.push(textOf(task)) === 1) zoo.expire(lasting.latest)
        },
        { signal: stop.signal },
      ),
    )

    for (const name of ['one', 'two']) await new TaskQueue(ann, '/q').put(name)
    await zoo.settle()

    expect([begun, processing.settled]).toEqual([['one', 'one', 'two'], undefined])
    expect(await new TaskQueue(ann, '/q').size()).toBe(0)
    stop.abort()
  })

  it('ends with the session of a plain client', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const queue = new TaskQueue(bob, '/q')
    await queue.put('it')

    const processing = new TaskQueue(ann, '/q').process(() => zoo.expire(ann))

    await expect(processing).rejects.toMatchObject({ code: 'SESSIONEXPIRED' })
    expect(textOf(await queue.tryTake())).toBe('it')
  })

  it('ends with an error of the worker, although the task is done already', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const other = await zoo.connect()
    zoo.expire(other)
    await zoo.settle()
    const ends = [
      ['NONODE', () => bob.getData('/missing')],
      ['SESSIONEXPIRED', () => other.getData('/q')],
    ] as const

    for (const [code, end] of ends) {
      await new TaskQueue(ann, '/q').put('it')
      const processing = new TaskQueue(lasting, '/q').process(async (task) => {
        await task.done()
        await end()
      })
      await expect(processing).rejects.toMatchObject({ code })
    }
  })

  it.each(['NONODE', 'SESSIONEXPIRED'])(
    'goes on when the worker itself is told by done() that its claim is lost (%s)',
    async (code) => {
      const { zoo, ann } = await startRecipes()
      const lasting = await LastingClient.connect(() => zoo.connect())
      const begun: string[] = []
      const stop = new AbortController()
      const worker = async (task: Task): Promise<void> => {
        if (begun.push(textOf(task)) === 1) {
          if (code === 'NONODE') await ann.delete(`/q/taken/${task.id}`)
          else zoo.expire(lasting.latest)
        }
        await task.done()
      }

      const processing = outcomeOf(
        new TaskQueue(lasting, '/q').process(worker, { signal: stop.signal }).then(() => 'ended'),
      )
      for (const name of ['one', 'two']) await new TaskQueue(ann, '/q').put(name)
      await zoo.settle()

      expect([begun, processing.settled]).toEqual([['one', 'one', 'two'], undefined])
      stop.abort()
      await zoo.settle()
      expect([await new TaskQueue(ann, '/q').size(), processing.settled]).toEqual([0, 'ended'])
    },
  )

  it.each([
    ['done', 'ended', ''],
    ['put back', 'the lions were full', 'it'],
  ])('ends at its signal before a task can be %s, which goes on', async (verb, end, left) => {
    const world = await startRecipes()
    const { zoo, ann, bob } = world
    const queue = new TaskQueue(bob, '/q')
    await queue.put('it')
    const stop = new AbortController()
    const worker = (): void => {
      zoo.disconnect(ann)
      if (verb === 'put back') throw new Error('the lions were full')
    }
    const processing = new TaskQueue(ann, '/q').process(worker, { signal: stop.signal })
    const outcome = outcomeOf(
      processing.then(
        () => 'ended',
        ({ message }) => message,
      ),
    )
    await zoo.settle()
    expect(outcome.settled).toBeUndefined()

    stop.abort()
    await zoo.settle()
    expect(outcome.settled).toBe(end)
    zoo.reconnect(ann)
    await world.clock.advance(1000)

    expect(await leftovers(world)).toMatchObject({ ephemerals: 0, watches: 0, timers: 0 })
    expect(textOf(await queue.tryTake())).toBe(left)
  })

  it.each([undefined, 'a worker'])('refuses %j as a worker before it takes a task', async (worker) => {
    const { zoo, ann } = await startRecipes()
    const queue = new TaskQueue(ann, '/q')
    await queue.put('it')

    await expect(Reflect.apply(queue.process, queue, [worker])).rejects.toThrow(
      'pass a function that does a task',
    )

    expect(namesBelow(zoo, '/q').filter((name) => name.startsWith('taken/'))).toEqual([])
  })

  it('puts a task back when the worker fails, and says so', async () => {
    const { ann } = await startRecipes()
    const queue = new TaskQueue(ann, '/q')
    await queue.put('it')

    const processing = queue.process(() => Promise.reject(new Error('the lions were full')))

    await expect(processing).rejects.toThrow('the lions were full')
    expect(textOf(await queue.tryTake())).toBe('it')
  })
})
