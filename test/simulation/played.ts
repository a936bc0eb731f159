/** A simulation that a test plays action by action, and looks at without healing it first. */
import type { Action, Setup, Wish } from '../../verify/simulation/action.js'
import { PLAIN_SETUP } from '../../verify/simulation/action.js'
import type { Party } from '../../verify/simulation/party.js'
import { Simulation } from '../../verify/simulation/simulation.js'
import { Wire } from '../../verify/simulation/wire.js'

/** A run so far. */
export interface Played {
  readonly run: Simulation
  readonly first: Party
  /** Data of a znode; undefined if there is none. */
  dataOf(path: string): string | undefined
  act(...actions: readonly Action[]): Promise<void>
  /** What was counted so far. */
  counts(): ReadonlyMap<string, number>
  faults(): readonly string[]
}

/** Begins a run with two clients, unless told otherwise, and plays these actions. */
export async function play(actions: readonly Action[], setup: Partial<Setup> = {}): Promise<Played> {
  const run = new Simulation({ ...PLAIN_SETUP, clients: 2, ...setup })
  await run.begin()
  const act = async (...more: readonly Action[]): Promise<void> => {
    for (const action of more) await run.act(action)
  }
  await act(...actions)
  const [first] = run.parties
  if (first === undefined) throw new Error('nobody is there')
  const dataOf = (path: string): string | undefined => {
    const data = run.host.zoo.reports.znodes().find((znode) => znode.path === path)?.data
    return data ? new TextDecoder().decode(data) : undefined
  }
  return { run, first, dataOf, act, counts: () => run.outcome().done, faults: () => run.outcome().faults }
}

/** The first client wishes something. */
export function wish(what: Wish, path = '/a', client = 0): Action {
  return { do: 'wish', client, wish: what, path, layers: 0 }
}

/** What the client has said arrives, and what it is told. */
export function goOver(client = 0): readonly Action[] {
  return [
    { do: 'say', client },
    { do: 'hear', client, much: 'all' },
  ]
}

/** Dials again and shakes hands. */
export function comeBack(client = 0): readonly Action[] {
  return [{ do: 'redial', client }, ...goOver(client), ...goOver(client)]
}

/** The bytes of a party's connection. @throws Error if it has none */
export function bytesOf({ client: { wire } }: Party): Wire {
  if (!(wire instanceof Wire)) throw new Error('a local client has no bytes')
  return wire
}
