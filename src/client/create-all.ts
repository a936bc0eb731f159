/** createAll: `mkdir -p` for znodes, in one transaction that is tried again when somebody else was there meanwhile. */
import { createModeTraits } from '../protocol/create-mode.js'
import { isKeeperException } from '../protocol/keeper-exception.js'
import type { OpResult } from '../protocol/op-result.js'
import { parentOf, ROOT } from '../protocol/path.js'
import type { Stat } from '../protocol/stat.js'
import { checkMode, checkOptions } from './arguments.js'
import type { CallOptions, CreateAllOptions } from './call-options.js'
import type { Data } from './data-taker.js'
import { Op } from './op.js'

/** As much of a client as this needs. */
export interface CreateAllClient {
  exists(path: string, options: CallOptions): Promise<Stat | null>
  multi(ops: readonly Op[], options: CallOptions): Promise<OpResult[]>
}

const CREATE_ALL_OPTIONS = ['mode', 'acl', 'ttlMs', 'signal'] as const
/** Every race that is lost was won by somebody else, so this many in a row are no race any more. */
const MAX_TRIES = 100

/** Creates what is missing of the path: parents persistent and empty, the last znode as asked, all with the same ACL. */
export async function createAll(
  client: CreateAllClient,
  path: string,
  data: Data | undefined,
  options: CreateAllOptions,
): Promise<string> {
  checkOptions(options, CREATE_ALL_OPTIONS)
  const { signal, ...shape } = options
  const last = Op.create(path, data, shape)
  const isSequential = createModeTraits[checkMode(shape.mode)].isSequential
  for (let tries = 1; ; tries++) {
    const missing = await findMissing(client, isSequential ? parentOf(path) : path, { signal })
    if (missing.length === 0 && !isSequential) return path
    const parents = missing
      .filter((one) => isSequential || one !== path)
      .map((one) => Op.create(one, null, { acl: shape.acl }))
    try {
      const result = (await client.multi([...parents, last], { signal })).at(-1)
      return result?.type === 'create' ? result.path : path
    } catch (error) {
      const isLost = isKeeperException(error, 'NODEEXISTS') && (!isSequential || parents.length > 0)
      // Nobody can have taken away what is above the root: a missing chroot is no race.
      const isTakenAway = isKeeperException(error, 'NONODE') && missing[0] !== ROOT
      if (!(isLost || isTakenAway) || tries === MAX_TRIES) throw error
    }
  }
}

/** From the bottom up, since a parent that may not be read exists all the same. Top first in the result. */
async function findMissing(client: CreateAllClient, path: string, call: CallOptions): Promise<string[]> {
  const missing: string[] = []
  for (let one = path; ; one = parentOf(one)) {
    if (await isThere(client, one, call)) return missing
    missing.unshift(one)
    if (one === ROOT) return missing
  }
}

async function isThere(client: CreateAllClient, path: string, call: CallOptions): Promise<boolean> {
  try {
    return (await client.exists(path, call)) !== null
  } catch (error) {
    if (isKeeperException(error, 'NOAUTH')) return true
    throw error
  }
}
