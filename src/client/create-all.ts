/** createAll: `mkdir -p` for znodes, in one transaction that is tried again when somebody else was there meanwhile. */
import { isKeeperException } from '../protocol/keeper-exception.js'
import { parentOf, ROOT, validatePath } from '../protocol/path.js'
import type { Stat } from '../protocol/stat.js'
import type { AbortSignalLike } from './abort.js'
import type { CreateShape } from './arguments.js'
import type { Data } from './data-copier.js'
import { Op } from './op.js'

/** As much of a client as this needs. */
export interface CreateAllClient {
  exists(path: string, options?: { readonly signal?: AbortSignalLike }): Promise<Stat | null>
  multi(ops: readonly Op[], options?: { readonly signal?: AbortSignalLike }): Promise<unknown>
}

/** Every race that is lost was won by somebody else, so this many in a row are no race any more. */
const MAX_TRIES = 100

/** Creates what is missing of the path: parents persistent and empty, the last znode as asked, all with the same ACL. */
export async function createAll(
  client: CreateAllClient,
  path: string,
  data?: Data,
  options: CreateShape & { readonly signal?: AbortSignalLike } = {},
): Promise<void> {
  validatePath(path)
  const { signal, ...shape } = options
  const call = signal === undefined ? {} : { signal }
  for (let tries = 1; ; tries++) {
    const missing = await findMissing(client, path, call)
    if (missing.length === 0) return
    const ops = missing.map((one) =>
      one === path ? Op.create(one, data, shape) : Op.create(one, null, parentShape(shape)),
    )
    try {
      await client.multi(ops, call)
      return
    } catch (error) {
      const isRace = isKeeperException(error, 'NODEEXISTS') || isKeeperException(error, 'NONODE')
      if (!isRace || tries === MAX_TRIES) throw error
    }
  }
}

/** From the bottom up, since a parent that may not be read exists all the same. Top first in the result. */
async function findMissing(
  client: CreateAllClient,
  path: string,
  call: { readonly signal?: AbortSignalLike },
): Promise<string[]> {
  const missing: string[] = []
  for (let one = path; ; one = parentOf(one)) {
    if (await isThere(client, one, call)) return missing
    missing.unshift(one)
    if (one === ROOT) return missing
  }
}

async function isThere(
  client: CreateAllClient,
  path: string,
  call: { readonly signal?: AbortSignalLike },
): Promise<boolean> {
  try {
    return (await client.exists(path, call)) !== null
  } catch (error) {
    if (isKeeperException(error, 'NOAUTH')) return true
    throw error
  }
}

function parentShape({ acl }: CreateShape): CreateShape {
  return acl === undefined ? {} : { acl }
}
