/** What can happen in a run of recipes, as plain data: a run is a setup and a list of these, and the same data is the same run. */

/** What the parties of a run do together. */
export const RECIPES = [
  'lock',
  'readWriteLock',
  'semaphore',
  'multiLock',
  'election',
  'barrier',
  'doubleBarrier',
  'counter',
  'sharedValue',
  'taskQueue',
  'members',
  'persistentNode',
  'states',
  'treeCache',
  'discovery',
] as const

/** One of them. */
export type RecipeName = (typeof RECIPES)[number]

/** How long a call waits. */
export type Patience =
  /** As long as it takes. */
  | { readonly until: 'served' }
  /** So long. */
  | { readonly until: 'timeout'; readonly ms: number }
  /** Until somebody aborts its signal. */
  | { readonly until: 'abort' }
  /** So many microtasks, in the middle of whatever it does then. */
  | { readonly until: 'soon'; readonly microtasks: number }

/** One thing that happens; then everything comes to rest before the next one. */
export type Action =
  /** A party calls its recipe; `n` decides the details. */
  | {
      readonly do: 'wish'
      readonly party: number
      readonly wish: string
      readonly n: number
      readonly patience: Patience
    }
  /** So many calls of a party that wait at its gate go on to the server. */
  | { readonly do: 'go'; readonly party: number; readonly calls: number }
  /** All calls of all parties do, and those that follow. */
  | { readonly do: 'go everywhere' }
  /** The oldest call of a party that can be given up is. */
  | { readonly do: 'abort'; readonly party: number }
  | { readonly do: 'cut'; readonly party: number }
  | { readonly do: 'mend'; readonly party: number }
  /** The next call of a party is applied, and its reply is lost. */
  | { readonly do: 'lose reply'; readonly party: number }
  | { readonly do: 'expire'; readonly party: number }
  /** A party closes its client, and begins anew. */
  | { readonly do: 'close'; readonly party: number }
  /** Somebody deletes a znode that a recipe needs. */
  | { readonly do: 'delete'; readonly nth: number }
  | { readonly do: 'pass'; readonly ms: number }
  /** All is well for a while, and then what is not in use must be gone. */
  | { readonly do: 'rest' }

/** What a run begins with. */
export interface Setup {
  readonly recipe: RecipeName
  /** Of all that is random in the run itself. */
  readonly seed: number
  /** For each party, whether its client outlives its sessions. */
  readonly lasting: readonly boolean[]
  readonly sessionTimeoutMs: number
  /** Whether calls wait at a gate until somebody lets them go on. */
  readonly isGated: boolean
  readonly layout: 'curator' | 'kazoo'
  readonly abortOn: 'disconnection' | 'expiry'
  /** Leases of a semaphore. */
  readonly leases: number
  readonly containerCheckIntervalMs: number
}

/** One run, whatever comes of it. */
export interface Plan {
  readonly setup: Setup
  readonly actions: readonly Action[]
}

/** Below this, everything that recipes create. */
export const ROOT = '/r'
