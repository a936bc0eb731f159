/** HeapCensus: how many bytes the objects of each constructor take, and which of them have become more: what to look at when the heap grows. */
import { text } from 'node:stream/consumers'
import { getHeapSnapshot } from 'node:v8'

const SHOWN = 10
const KIB = 1_024

/** Objects of one constructor, or of one kind of V8's own. */
interface Population {
  readonly count: number
  readonly bytes: number
}

/** By constructor. */
export type HeapCensus = ReadonlyMap<string, Population>

/** The parts of a heap snapshot that are read: rows of numbers, and what the columns mean. */
interface Snapshot {
  readonly fields: readonly string[]
  readonly kinds: readonly string[]
  readonly nodes: readonly number[]
  readonly strings: readonly string[]
}

/** Counts everything that is held; takes seconds, and several times the memory of the heap. */
export async function takeCensus(): Promise<HeapCensus> {
  const { fields, kinds, nodes, strings } = readSnapshot(JSON.parse(await text(getHeapSnapshot())))
  const column = (name: string): number => fields.indexOf(name)
  const [kindAt, nameAt, sizeAt] = [column('type'), column('name'), column('self_size')]
  const census = new Map<string, Population>()
  for (let row = 0; row < nodes.length; row += fields.length) {
    const kind = kinds[nodes[row + kindAt] ?? 0] ?? ''
    const name = kind === 'object' ? (strings[nodes[row + nameAt] ?? 0] ?? '') : `(${kind})`
    const { count, bytes } = census.get(name) ?? { count: 0, bytes: 0 }
    census.set(name, { count: count + 1, bytes: bytes + (nodes[row + sizeAt] ?? 0) })
  }
  return census
}

/** The constructors whose objects take more than before, those that grew most first. */
export function formatCensusGrowth(before: HeapCensus, after: HeapCensus): string[] {
  return Array.from(after, ([name, { count, bytes }]) => {
    const was = before.get(name) ?? { count: 0, bytes: 0 }
    return { name, count: count - was.count, bytes: bytes - was.bytes }
  })
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, SHOWN)
    .map(({ name, count, bytes }) => `+${(bytes / KIB).toFixed(0)} KiB, ${count} more: ${name}`)
}

function readSnapshot(value: unknown): Snapshot {
  const meta = partOf(partOf(value, 'snapshot'), 'meta')
  const types = listOf(partOf(meta, 'node_types'))
  return {
    fields: listOf(partOf(meta, 'node_fields')).map(String),
    kinds: listOf(types[0]).map(String),
    nodes: listOf(partOf(value, 'nodes')).map(Number),
    strings: listOf(partOf(value, 'strings')).map(String),
  }
}

function partOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) throw new TypeError(`The heap snapshot has no ${name}`)
  return Object.entries(value).find(([key]) => key === name)?.[1]
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError('The heap snapshot is not as expected')
  return value
}
