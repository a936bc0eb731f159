/** LeaderElection: one leader, terms that follow each other, and no lead that is believed in after it is gone. */
import { describe, expect, it } from 'vitest'
import { LastingClient, LeaderElection } from '../../src/recipes/index.js'
import { leftovers, NOTHING, namesBelow, outcomeOf, startRecipes } from './fixture.js'

describe('an election', () => {
  it('has one leader, and the next when that one resigns', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const [anns, bobs] = [new LeaderElection(ann, '/e'), new LeaderElection(bob, '/e')]
    const term = await anns.lead()
    const next = outcomeOf(bobs.lead())
    await zoo.settle()
    expect([anns.isLeader, bobs.isLeader]).toEqual([true, false])

    await term.release()
    await zoo.settle()

    expect([anns.isLeader, bobs.isLeader]).toEqual([false, true])
    expect(next.settled).toMatchObject({ isHeld: true })
  })

  it('knows its candidates, the leader first', async () => {
    const { zoo, ann, bob } = await startRecipes()
    await new LeaderElection(ann, '/e', { identifier: 'ann' }).lead()
    outcomeOf(new LeaderElection(bob, '/e', { identifier: 'bob' }).lead())
    await zoo.settle()

    expect(await new LeaderElection(bob, '/e').participants()).toEqual(['ann', 'bob'])
  })

  it('is laid out as a latch of Curator, or as an election of kazoo', async () => {
    const { zoo, ann } = await startRecipes()

    await new LeaderElection(ann, '/c').lead()
    await new LeaderElection(ann, '/k', { layout: 'kazoo' }).lead()

    expect(namesBelow(zoo, '/c').join()).toMatch(/^_c_[0-9a-f-]{36}-latch-0000000000$/)
    expect(namesBelow(zoo, '/k').join()).toMatch(/^[0-9a-f]{32}__lock__0000000000$/)
  })

  it('gives the lead to another when the leader is disconnected for too long', async () => {
    const { zoo, clock, ann, bob } = await startRecipes()
    const anns = new LeaderElection(ann, '/e')
    const term = await anns.lead()
    const next = outcomeOf(new LeaderElection(bob, '/e').lead())
    await zoo.settle()

    zoo.disconnect(ann)
    await zoo.settle()
    expect([anns.isLeader, term.isHeld, next.settled]).toEqual([false, false, undefined])
    await clock.advance(ann.sessionTimeoutMs + 2000)

    expect(next.settled).toMatchObject({ isHeld: true })
  })

  it('refuses a candidate that stands twice, or leads already', async () => {
    const { zoo, ann, bob } = await startRecipes()
    const [anns, bobs] = [new LeaderElection(ann, '/e'), new LeaderElection(bob, '/e')]
    await anns.lead()
    outcomeOf(bobs.lead())
    await zoo.settle()

    await expect(anns.lead()).rejects.toThrow('has a term as the leader of /e: release it first')
    await expect(bobs.lead()).rejects.toThrow('stands for the lead of /e already')
  })
})

describe('terms', () => {
  it('come one after the other, until the loop is left', async () => {
    const world = await startRecipes()
    const election = new LeaderElection(world.ann, '/e')
    const tokens: bigint[] = []

    for await (const term of election.terms()) {
      tokens.push(term.fencingToken)
      if (tokens.length === 3) break
    }

    expect(tokens.map((token, i) => i === 0 || token > (tokens[i - 1] ?? token))).toEqual([true, true, true])
    expect(election.isLeader).toBe(false)
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it('end with the signal, while it leads and while it waits', async () => {
    const world = await startRecipes()
    const stop = new AbortController()
    const follow = async (zk: typeof world.ann): Promise<string> => {
      for await (const term of new LeaderElection(zk, '/e').terms({ signal: stop.signal })) {
        await new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()))
        expect(term.isHeld).toBe(true)
      }
      return 'ended'
    }

    const ends = [follow(world.ann), follow(world.bob)]
    await world.zoo.settle()
    stop.abort()

    expect(await Promise.all(ends)).toEqual(['ended', 'ended'])
    expect(await leftovers(world)).toEqual(NOTHING)
  })

  it.each(['leads', 'waits'])(
    'end with the signal while it %s, although it is disconnected',
    async (what) => {
      const world = await startRecipes()
      const { zoo, ann, bob } = world
      const stop = new AbortController()
      const other = what === 'waits' ? await new LeaderElection(bob, '/e').lead() : undefined
      const follow = async (): Promise<string> => {
        const terms = new LeaderElection(ann, '/e').terms({ signal: stop.signal })
        for await (const { signal } of terms)
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
        return 'ended'
      }
      const ending = outcomeOf(follow())
      await zoo.settle()

      zoo.disconnect(ann)
      await zoo.settle()
      stop.abort()
      await zoo.settle()
      expect(ending.settled).toBe('ended')
      zoo.reconnect(ann)
      await other?.release()

      expect(await leftovers(world)).toEqual(NOTHING)
    },
  )

  it('go on after an expiry with a client that outlives its session', async () => {
    const { zoo } = await startRecipes()
    const lasting = await LastingClient.connect(() => zoo.connect())
    const heldAfter: boolean[] = []

    for await (const term of new LeaderElection(lasting, '/e').terms()) {
      if (heldAfter.length === 2) break
      zoo.expire(lasting.latest)
      await zoo.settle()
      heldAfter.push(term.isHeld)
    }

    expect(heldAfter).toEqual([false, false])
  })

  it('fail with the session of a plain client', async () => {
    const { zoo, ann } = await startRecipes()
    const terms = new LeaderElection(ann, '/e').terms()
    await terms.next()

    zoo.expire(ann)

    await expect(terms.next()).rejects.toMatchObject({ code: 'SESSIONEXPIRED' })
  })
})
