/** Footprint: everything that a stage holds at a moment of rest, as readings with names; and what two of them differ in. */
import { heldBytes } from '../heap.js'
import { countResources, resourcesAtRest } from './resources.js'
import type { StageServer } from './stage-server.js'

const MIB = 1_048_576
const OPEN = 'open '

/** How a reading may change: bytes grow up to the limit, what is `open` does not grow, `rows` stay as they are, `free` bytes are only shown. */
type Rule = 'bytes' | 'open' | 'rows' | 'free'

/** One figure. */
export interface Reading {
  readonly name: string
  readonly rule: Rule
  readonly value: number
}

/** All figures of one moment. */
export type Footprint = readonly Reading[]

/** An earlier footprint, and how long what closes in the background may take until no more is open than then. */
export interface Earlier {
  readonly before: Footprint
  readonly patienceMs: number
}

/** Looks at everything, at rest. */
export async function takeFootprint(server: StageServer, earlier?: Earlier): Promise<Footprint> {
  const clientWatches = await server.countClientWatches()
  await server.zoo.settle()
  const resources =
    earlier === undefined
      ? countResources()
      : await resourcesAtRest(resourcesOf(earlier.before), earlier.patienceMs)
  const { heapUsed, code, external } = await heldBytes()
  const { znodes, ephemerals, sessions, watches, dataBytes } = server.zoo.reports.counts()
  const pending = server.zoo.pending().map(({ requests, deliveries }) => requests + deliveries)
  const rows = {
    znodes,
    ephemerals,
    sessions,
    'bytes of data': dataBytes,
    'watches at the server': watches,
    'watches at clients': clientWatches,
    'calls and events under way': sum(pending),
  }
  return [
    { name: 'heapUsed', rule: 'bytes', value: heapUsed },
    { name: 'external', rule: 'bytes', value: external },
    { name: 'machine code', rule: 'free', value: code },
    ...Object.entries(rows).map(([name, value]) => ({ name, rule: 'rows' as const, value })),
    { name: 'virtual timers', rule: 'open', value: sum(server.clocks.map((clock) => clock.pendingTimers)) },
    ...Array.from(resources, ([kind, value]) => ({ name: OPEN + kind, rule: 'open' as const, value })),
  ]
}

/** Sentences about what is not as it was. */
export function findGrowth(before: Footprint, after: Footprint, limitBytes: number): string[] {
  return pairs(before, after).flatMap(({ name, rule, from, to }) => {
    const growth = to - from
    if (rule === 'bytes' && growth > limitBytes)
      return [
        `${name} grew by ${formatBytes(growth)}, from ${formatBytes(from)} to ${formatBytes(to)}: the limit is ${formatBytes(limitBytes)}`,
      ]
    if (rule === 'open' && growth > 0)
      return [`${name}: ${growth} more than before, ${to} in the place of ${from}`]
    if (rule === 'rows' && growth !== 0) return [`${name}: ${to} in the place of ${from}`]
    return []
  })
}

/** A table, a line each reading. */
export function formatFootprints(before: Footprint, after: Footprint, limitBytes: number): string[] {
  const rows = pairs(before, after).map(({ name, rule, from, to }) => {
    const isSize = rule === 'bytes' || rule === 'free'
    const show = isSize ? formatBytes : (value: number): string => String(value)
    const limit = isSize ? formatBytes(limitBytes) : '0'
    return [
      name,
      show(from),
      show(to),
      `${to < from ? '' : '+'}${show(to - from)}`,
      rule === 'free' ? '' : limit,
    ]
  })
  return [['', 'before', 'after', 'growth', 'limit'], ...rows].map(([name = '', ...cells]) =>
    ['  ', name.padEnd(28), ...cells.map((cell) => cell.padStart(13))].join('').trimEnd(),
  )
}

/** In MiB. */
export function formatBytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(2)} MiB`
}

interface Pair {
  readonly name: string
  readonly rule: Rule
  readonly from: number
  readonly to: number
}

/** What is in one of them only is 0 in the other. */
function pairs(before: Footprint, after: Footprint): Pair[] {
  const names = new Map([...before, ...after].map(({ name, rule }) => [name, rule]))
  return Array.from(names, ([name, rule]) => ({
    name,
    rule,
    from: valueNamed(before, name),
    to: valueNamed(after, name),
  }))
}

function valueNamed(footprint: Footprint, name: string): number {
  return footprint.find((reading) => reading.name === name)?.value ?? 0
}

function resourcesOf(footprint: Footprint): ReadonlyMap<string, number> {
  const open = footprint.filter(({ name }) => name.startsWith(OPEN))
  return new Map(open.map(({ name, value }) => [name.slice(OPEN.length), value]))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
