/** A client under a chroot sees what one without sees that writes the chroot before each path, and strips it from each answer. */
import fc from 'fast-check'
import { test } from 'vitest'
import { anyRun } from './arbitraries.js'
import { canonical, expectSameLines } from './canonical.js'
import { logLines } from './log-lines.js'
import type { Call } from './model-calls.js'
import { isSequential } from './model-writes.js'
import { runParameters, timeLimitMs } from './run-parameters.js'
import {
  choosePath,
  type PlannedCall,
  resolve,
  type Scene,
  type SessionAct,
  SLOTS,
  type Step,
} from './steps.js'
import { Subject, subjectLines } from './subject.js'

const NOTHING = { calls: new Set<number>(), endings: new Set<number>() }
const START_MS = 1_000_000

/** Two servers with the same requests: one client in a jail, the other one behaving. */
class Twins {
  readonly #chroot: string
  readonly #outside = new Subject({ nowMs: START_MS })
  readonly #inside: Subject
  #calls = 0

  constructor(chroot: string) {
    this.#chroot = chroot
    this.#inside = new Subject({ nowMs: START_MS, chroot })
  }

  async start(): Promise<void> {
    for (const { zoo } of [this.#outside, this.#inside]) {
      const warden = await zoo.connect()
      await warden.createAll(this.#chroot)
      await warden.close()
    }
    for (let slot = 0; slot < SLOTS; slot++) await this.#act(slot, 'open')
  }

  async play(step: Step): Promise<void> {
    if (step.kind === 'call') this.#call(step.slot, step.call)
    else if (step.kind === 'session') await this.#act(step.slot, step.act)
    else if (step.kind === 'gap') await this.#gap(step)
    if (step.kind !== 'call' || step.settles) await this.compare()
  }

  async compare(): Promise<void> {
    await this.#outside.zoo.settle()
    await this.#inside.zoo.settle()
    for (let slot = 0; slot < SLOTS; slot++) {
      const outside = logLines(this.#outside.drain(slot), NOTHING).map((line) => this.#strip(line))
      expectSameLines(logLines(this.#inside.drain(slot), NOTHING), outside)
    }
    expectSameLines(subjectLines(this.#inside.zoo), subjectLines(this.#outside.zoo))
  }

  async end(): Promise<void> {
    await this.#outside.zoo.close()
    await this.#inside.zoo.close()
  }

  #call(slot: number, plan: PlannedCall, focus?: string): void {
    const call = resolve(plan, { ...this.#scene(), focus })
    // Deleting the root is refused under a chroot too, though the znode is an ordinary one.
    if (canonical(call).includes('op: "delete", path: "/",')) return
    const number = ++this.#calls
    this.#inside.call(slot, number, call)
    this.#outside.call(slot, number, this.#translate(call))
  }

  async #gap({ slot, first, calls }: Step & { kind: 'gap' }): Promise<void> {
    this.#call(slot, first)
    await this.#act(slot, 'disconnect')
    const focus = 'path' in first ? choosePath(first.path, this.#scene()) : undefined
    for (const call of calls) this.#call((slot + 1) % SLOTS, call, focus)
    await this.#act(slot, 'reconnect')
  }

  async #act(slot: number, act: SessionAct): Promise<void> {
    await this.#outside.zoo.settle()
    await this.#inside.zoo.settle()
    const state = this.#calls === 0 && act === 'open' ? 'CLOSED' : this.#outside.zk(slot).state
    const isOver = state === 'CLOSED' || state === 'AUTH_FAILED'
    const isUp = state === 'CONNECTED'
    const isPossible = {
      open: isOver,
      close: !isOver,
      expire: isUp,
      disconnect: isUp,
      reconnect: !isOver && !isUp,
      intrude: false,
    }[act]
    if (!isPossible) return
    await this.#outside.act(slot, act)
    await this.#inside.act(slot, act)
  }

  #scene(): Scene {
    const { reports } = this.#outside.zoo
    const isInside = (path: string): boolean => path === this.#chroot || path.startsWith(`${this.#chroot}/`)
    const strip = (path: string): string => path.slice(this.#chroot.length) || '/'
    const znodes = reports.znodes().filter(({ path }) => isInside(path))
    const watched = [...reports.watchesByPath().keys()].filter(isInside)
    return {
      tree: new Map(znodes.map(({ path, stat }) => [strip(path), stat])),
      watches: watched.map((path) => ({ path: strip(path) })),
    }
  }

  #translate(call: Call): Call {
    if (call.op === 'multi')
      return { op: 'multi', ops: call.ops.map((op) => ({ ...op, path: this.#place(op) })) }
    if (call.op === 'multiRead')
      return { ...call, ops: call.ops.map((op) => ({ ...op, path: this.#place(op) })) }
    if (call.op === 'getEphemerals') {
      const isAll = call.prefix === '' || call.prefix === '/'
      return { ...call, prefix: isAll ? '' : `${this.#chroot}${call.prefix}` }
    }
    return 'path' in call ? { ...call, path: this.#place(call) } : call
  }

  #place(call: {
    readonly op: string
    readonly path: string
    readonly mode?: Parameters<typeof isSequential>[0]
  }): string {
    const { path } = call
    const isPrefix = call.mode !== undefined && isSequential(call.mode)
    if (path === '/' && !isPrefix) return this.#chroot
    return path.startsWith('/') ? `${this.#chroot}${path}` : path
  }

  /** Takes the chroot from each quoted path, once. */
  #strip(line: string): string {
    const parts = line.split(`"${this.#chroot}`)
    return parts.reduce((text, rest) => {
      if (rest.startsWith('/')) return `${text}"${rest}`
      return rest.startsWith('"') ? `${text}"/${rest}` : `${text}"${this.#chroot}${rest}`
    })
  }
}

const parameters = runParameters(300)

test('a chroot is nothing but a translation of paths', { timeout: timeLimitMs(parameters) }, async () => {
  const chroot = fc.constantFrom('/zoo', '/a', '/a/a', '/zookeeper', '/__proto__')
  const property = fc.asyncProperty(chroot, anyRun(50), async (chroot, run) => {
    const twins = new Twins(chroot)
    try {
      await twins.start()
      for (const step of run) await twins.play(step)
      await twins.compare()
    } finally {
      await twins.end()
    }
  })
  await fc.assert(property, parameters)
})
