/**
 * What the differential makes of servers that break in the middle of a run: silence, bytes that are no answer, errors inside. Each is
 * a failure of that server, with all that is needed to have it again.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import process from 'node:process'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { encodeReply } from '../../src/protocol/codec.js'
import { writeConnectResponse } from '../../src/protocol/handshake.js'
import { Differential } from '../../verify/differential/differential.js'
import { type Failure, shapeOf } from '../../verify/differential/failure.js'
import { InProcessCnxn } from '../../verify/differential/in-process-cnxn.js'
import { Programme } from '../../verify/differential/programme.js'
import type { Side, Sights, Step } from '../../verify/differential/step.js'
import { requireApache, type Servers, startInProcess } from '../../verify/differential/subjects.js'
import { WireCnxn } from '../../verify/differential/wire-cnxn.js'
import { UsageError } from '../../verify/part.js'
import { DEAF, frame, listenOn } from './broken-server.js'

const PATIENT = { timeout: 60_000 }
const HANDSHAKE = { timeoutMs: 1, lastZxidSeen: 0, sessionId: 0n, password: new Uint8Array(16) }
const OPEN: Step = { do: 'open', slot: 0, timeoutMs: 120_000 }
const WHO: Step = { do: 'send', slot: 0, requests: [{ type: 'whoAmI' }] }
const EXISTS: Step = { do: 'send', slot: 0, requests: [{ type: 'exists', path: '/a', watch: false }] }

/** A server that answers whatever comes with these bytes. */
async function listenWith(answer: Uint8Array | undefined): Promise<number> {
  const server = createServer((socket) =>
    socket.on('error', () => undefined).on('data', () => answer !== undefined && socket.write(answer)),
  )
  return listenOn(server)
}

const HANDSHAKE_ANSWER = frame((out) =>
  writeConnectResponse(
    out,
    { timeoutMs: 1, sessionId: 1n, password: new Uint8Array(16) },
    { hasReadOnlyByte: true },
  ),
)
const REPLY_TO_NOTHING = frame((out) =>
  encodeReply(out, { xid: 77, zxid: 1, code: 'OK', response: undefined }),
)

describe('a connection over TCP', () => {
  it('tells of an answer that does not come', async () => {
    const cnxn = new WireCnxn(await listenWith(undefined), DEAF, 30)

    cnxn.connect(HANDSHAKE)

    await expect(cnxn.settled()).rejects.toThrow('No answer within 30 ms to the handshake')
    await expect(cnxn.settled()).rejects.toThrow('No answer within 30 ms to the handshake')
  })

  it('tells of bytes that are no frame', async () => {
    const cnxn = new WireCnxn(await listenWith(new Uint8Array([255, 255, 255, 255])), DEAF)

    cnxn.connect(HANDSHAKE)

    await expect(cnxn.settled()).rejects.toMatchObject({ name: 'FrameError' })
    expect(cnxn.isOpen).toBe(false)
  })

  it('tells of a reply to nothing', async () => {
    const both = new Uint8Array([...HANDSHAKE_ANSWER, ...REPLY_TO_NOTHING])
    const cnxn = new WireCnxn(await listenWith(both), DEAF)

    cnxn.connect(HANDSHAKE)

    await expect(cnxn.settled()).rejects.toThrow('A reply to nothing: xid 77')
  })
})

describe('a connection in process', () => {
  const silent = {
    connect: () => undefined,
    receive: () => undefined,
    heard: () => undefined,
    closed: () => undefined,
  }

  it('tells of an answer that does not come, and of a reply to nothing', async () => {
    const cnxn = new InProcessCnxn({ attach: () => silent }, DEAF)

    cnxn.connect(HANDSHAKE)
    await expect(cnxn.settled()).rejects.toThrow('No answer to the handshake')
    cnxn.connected({ timeoutMs: 1, sessionId: 1n, password: new Uint8Array(16) })
    cnxn.send([{ type: 'whoAmI' }])
    await expect(cnxn.settled()).rejects.toThrow('No answer to whoAmI')
    cnxn.reply({ xid: 9, zxid: 0, code: 'OK', response: undefined })

    await expect(cnxn.settled()).rejects.toThrow('A reply to nothing: xid 9')
  })
})

/** A side that shows what the leader shows, but for one step. */
function bentAt(side: Side, isBad: (step: Step) => boolean, bend: (sights: Sights) => Sights): Side {
  return {
    name: 'the real one',
    run: async (step) => {
      const sights = await side.run(step)
      return isBad(step) ? bend(sights) : sights
    },
  }
}

/** Two servers of zoolet, one of them in the place of the real one. */
function serversWith(bend: (real: Side) => Side): Servers {
  const [leader, real] = [startInProcess(), startInProcess()]
  const close = async (): Promise<void> => {
    for (const { subject } of [leader, real]) await subject.close()
  }
  return { leader: leader.subject, zoo: leader.zoo, alike: [], real: bend(real.subject), close }
}

const isExists = (step: Step): boolean =>
  step.do === 'send' && step.requests.some(({ type }) => type === 'exists')

describe('a step in which a side throws', () => {
  it('is a failure of that side', async () => {
    const { leader, zoo, real, close } = serversWith((side) =>
      bentAt(side, isExists, () => {
        throw new Error('No answer')
      }),
    )
    onTestFinished(close)
    const each = new Differential({ leader, zoo, alike: [], real: [real] })

    const failure = await each.replay([OPEN, WHO, EXISTS, WHO])

    expect(failure).toEqual({
      subject: 'the real one',
      step: EXISTS,
      divergences: [],
      error: new Error('No answer'),
    })
    expect(each.done).toEqual([OPEN, WHO, EXISTS])
  })

  it('is one of zoolet, if its server says that something is broken in it', async () => {
    const { subject, zoo } = startInProcess()
    onTestFinished(() => subject.close())
    const each = new Differential({ leader: subject, zoo, alike: [], real: [] })
    await each.replay([OPEN])

    zoo.emit('watcherError', new Error('Invariant'), undefined, undefined)
    const failure = await each.replay([WHO])

    expect(failure).toMatchObject({ subject: 'zoolet in process', step: WHO, error: new Error('Invariant') })
  })

  it('is one of this process, if nobody caught the error', async () => {
    const { subject, zoo } = startInProcess()
    onTestFinished(() => subject.close())
    const error = new Error('in a socket handler')
    const heard = [{ error }]
    const alarm = { take: () => heard.splice(0) }

    const failure = await new Differential({ leader: subject, zoo, alike: [], real: [], alarm }).replay([
      OPEN,
    ])

    expect(failure).toMatchObject({ subject: 'this process', step: OPEN, error })
  })
})

/** Runs these steps as a programme, and gives what it printed. */
async function runProgramme(
  steps: readonly Step[],
  bend: (real: Side) => Side,
): Promise<{ readonly isRight: boolean; readonly said: string }> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const plan = { steps: steps.length, slots: 1, maxWindow: 1 }
  const task = { mode: 'lock-step' as const, seed: 990_000_001, first: 3, runs: 1, plan, shrinkMs: 20_000 }
  const programme = new Programme({ ...task, work: (each) => each.replay(steps) }, async () =>
    serversWith(bend),
  )
  const isRight = await programme.run()
  const said = write.mock.calls.map(([text]) => String(text)).join('')
  write.mockRestore()
  return { isRight, said }
}

const TRACE = 'verify/out/differential-lock-step-990000001-3.trace.jsonl'

describe('the programme', PATIENT, () => {
  it('prints how to repeat a step that throws, makes the run shorter, and leaves a trace of its own', async () => {
    onTestFinished(() => rmSync(TRACE, { force: true }))
    const steps = [OPEN, WHO, WHO, WHO, EXISTS, WHO]

    const { isRight, said } = await runProgramme(steps, (side) =>
      bentAt(side, isExists, () => {
        throw new Error('No answer within 10000 ms to exists')
      }),
    )

    expect(isRight).toBe(false)
    expect(said).toContain('FAIL differential  seed=990000001 run=3')
    expect(said).toContain('--mode lock-step --seed 990000001 --first 3 --runs 1 --steps 6\n')
    expect(said).toContain('the real one: Error: No answer within 10000 ms to exists')
    expect(said).toContain('shrunk: 1 of 5 steps')
    expect(existsSync(TRACE) && readFileSync(TRACE, 'utf8')).toContain('"type":"exists"')
  })

  it('stays with the fault that it has found, though a shorter run shows another one', async () => {
    onTestFinished(() => rmSync(TRACE, { force: true }))
    const create = {
      data: null,
      acl: [{ scheme: 'world', id: 'anyone', perms: 31 }],
      mode: 'PERSISTENT',
      ttlMs: -1,
    } as const
    const made: Step = { do: 'send', slot: 0, requests: [{ type: 'create', path: '/a', ...create }] }
    // The answer differs in one way if the znode is there, and in another one if it is not.
    const bend = (sights: Sights): Sights =>
      new Map(
        [...sights].map(([slot, lines]) => [
          slot,
          lines.map((line) => line.replace('v=0', 'v=9').replace('NONODE', 'NOAUTH')),
        ]),
      )

    const { said } = await runProgramme([OPEN, WHO, made, WHO, EXISTS], (side) =>
      bentAt(side, isExists, bend),
    )

    expect(said).toContain('shrunk: 3 of 5 steps')
    expect(said.slice(said.indexOf('shrunk:'))).toContain('v=9')
  })
})

describe('the shape of a failure', () => {
  const failure = (expected: string, actual: string, step: Step = WHO): Failure => ({
    subject: 's',
    step,
    divergences: [{ slot: 0, expected: ['same', expected], actual: ['same', actual] }],
  })

  it('is the same for other numbers and other names', () => {
    const one = failure('exists OK 12 "/a" {v=1 cv=2}', 'exists OK 12 "/a" {v=1 cv=3}')
    const other = failure('exists OK 7 "/b" {v=4 cv=9}', 'exists OK 7 "/b" {v=4 cv=7}')

    expect(shapeOf(one)).toBe(shapeOf(other))
  })

  it('is another one for another field, another code, another kind of step, another subject', () => {
    const one = failure('exists OK 12 {v=1 cv=2}', 'exists OK 12 {v=1 cv=3}')
    const others = [
      failure('exists OK 12 {v=1 cv=2}', 'exists OK 12 {v=2 cv=2}'),
      failure('exists OK 12 {v=1 cv=2}', 'exists NONODE 12'),
      failure('exists OK 12 {v=1 cv=2}', 'exists OK 12 {v=1 cv=3}', OPEN),
      { ...one, subject: 't' },
      { ...one, divergences: [], error: new Error('No answer') },
    ]

    expect(new Set([one, ...others].map(shapeOf)).size).toBe(others.length + 1)
  })

  it('tells one error from another, whatever their numbers', () => {
    const thrown = (message: string): Failure => ({
      subject: 's',
      step: WHO,
      divergences: [],
      error: new Error(message),
    })

    expect(shapeOf(thrown('No answer within 10000 ms to exists'))).toBe(
      shapeOf(thrown('No answer within 3000 ms to exists')),
    )
    expect(shapeOf(thrown('No answer within 10000 ms to exists'))).not.toBe(
      shapeOf(thrown('No answer within 10000 ms to sync')),
    )
  })
})

describe('without Java', () => {
  it('is refused in one line that says what to install', () => {
    expect(() => requireApache(false)).toThrow(UsageError)
    expect(() => requireApache(false)).toThrow('apt-get install zookeeper')
    expect(() => requireApache(true)).not.toThrow()
  })
})
