/**
 * Coverage: what a run has reached, in cells. A comparison of nothing but easy requests proves little: a cell that is hit too rarely
 * fails the run.
 */
import type { MultiOp, Request } from '../../src/protocol/message.js'
import type { Sights, Step } from './step.js'

/** How a watch can look at a znode. */
type Kind = 'data' | 'exists' | 'child' | 'persistent' | 'recursive'

/** Where the watched znode is, seen from the one that changes. */
type Relation = 'itself' | 'its parent' | 'further up'

const ONE_SHOT: ReadonlySet<Kind> = new Set(['data', 'exists', 'child'])
const KIND_OF_READ: Readonly<Record<string, Kind>> = {
  getData: 'data',
  exists: 'exists',
  getChildren: 'child',
  getChildren2: 'child',
}
const TRIGGERS: ReadonlySet<string> = new Set([
  'create',
  'create2',
  'createContainer',
  'createTTL',
  'delete',
  'setData',
  'setACL',
])
const CREATES: ReadonlySet<string> = new Set(['create', 'create2', 'createContainer', 'createTTL'])

/** Counts cells. */
export class Coverage {
  readonly #counts = new Map<string, number>()
  /** By slot and path: what was armed, as far as the lines tell. It only has to be right mostly. */
  readonly #armed = new Map<number, Map<string, Set<Kind>>>()

  /** Every cell that was hit, with the number of hits. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  /** Takes in a step and what was seen of it. */
  see(step: Step, sights: Sights): void {
    if (step.do !== 'send') {
      this.#armed.delete(step.slot)
      return this.#add(`${step.do}${step.do === 'resume' ? ` ${step.password} ${step.seen}` : ''}`)
    }
    const replies = (sights.get(step.slot) ?? []).filter((line) => !line.startsWith('event '))
    for (const [i, request] of step.requests.entries())
      this.#seeReply(step.slot, request, replies[i] ?? 'nothing')
    for (const lines of sights.values()) for (const line of lines) this.#seeEvent(line)
  }

  #seeReply(slot: number, request: Request, reply: string): void {
    const [type = '', code = ''] = reply.split(' ')
    this.#add(`${type} ${code}`)
    if (request.type === 'multi') this.#seeMulti(request.ops, reply)
    if (code === 'OK' && TRIGGERS.has(type) && 'path' in request)
      this.#seeChange(request.type, pathOf(request, reply))
    if (type === 'closeSession') this.#armed.delete(slot)
    const isArmed = code === 'OK' || (type === 'exists' && code === 'NONODE')
    if (isArmed) this.#arm(slot, request)
  }

  #seeMulti(ops: readonly MultiOp[], reply: string): void {
    const results = reply.split(' ').slice(3).join(' ').split(' | ')
    const at = results.findIndex((result) => result.startsWith('error ') && result !== 'error OK')
    const failed = ops[at]
    if (failed !== undefined) return this.#add(`multi ${failed.type} ${results[at]?.slice('error '.length)}`)
    for (const op of ops) {
      this.#add(`multi ${op.type} OK`)
      if ('path' in op && typeof op.path === 'string') this.#seeChange(op.type, op.path)
    }
  }

  #seeChange(type: string, path: string): void {
    for (const byPath of this.#armed.values()) {
      for (const [relation, at] of relatives(path)) {
        for (const kind of byPath.get(at) ?? []) {
          this.#add(`trigger: ${CREATES.has(type) ? 'create' : type}, a ${kind} watch on ${relation}`)
          if (ONE_SHOT.has(kind) && relation === 'itself') byPath.get(at)?.delete(kind)
        }
      }
    }
  }

  #seeEvent(line: string): void {
    const [word, type] = line.split(' ')
    if (word === 'event') this.#add(`event ${type}`)
  }

  #arm(slot: number, request: Request): void {
    const kind = kindOf(request)
    if (kind === undefined || !('path' in request) || typeof request.path !== 'string') return
    const byPath = this.#armed.get(slot) ?? new Map<string, Set<Kind>>()
    this.#armed.set(slot, byPath)
    byPath.set(request.path, (byPath.get(request.path) ?? new Set()).add(kind))
  }

  #add(cell: string): void {
    this.#counts.set(cell, (this.#counts.get(cell) ?? 0) + 1)
  }
}

function kindOf(request: Request): Kind | undefined {
  if (request.type === 'addWatch') return request.mode === 'PERSISTENT' ? 'persistent' : 'recursive'
  return 'watch' in request && request.watch ? KIND_OF_READ[request.type] : undefined
}

/** A sequential create tells which path it made. */
function pathOf(request: Request & { readonly path: string | null }, reply: string): string {
  const [, made] = CREATES.has(request.type) ? (/OK \d+ (".*?")(?: |$)/.exec(reply) ?? []) : []
  return made === undefined ? (request.path ?? '') : JSON.parse(made)
}

function* relatives(path: string): Iterable<readonly [Relation, string]> {
  yield ['itself', path]
  let relation: Relation = 'its parent'
  for (let at = path; at.length > 1; relation = 'further up') {
    at = at.slice(0, Math.max(at.lastIndexOf('/'), 1))
    yield [relation, at]
  }
}
