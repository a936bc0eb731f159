/** deleteAll: a znode and everything below it, in one transaction unless there is very much, tried again after a race. */
import { isKeeperException } from '../protocol/keeper-exception.js'
import type { ReadOpResult } from '../protocol/op-result.js'
import { childPath, ROOT, validatePath } from '../protocol/path.js'
import { checkOptions } from './arguments.js'
import type { CallOptions } from './call-options.js'
import { Op, type ReadOp } from './op.js'

/** As much of a client as this needs. */
export interface DeleteAllClient {
  multi(ops: readonly Op[], options: CallOptions): Promise<unknown>
  multiRead(ops: readonly ReadOp[], options: CallOptions): Promise<ReadOpResult[]>
}

/** Paths in one request: far below what a real server takes in a frame. */
const BATCH = 1000
/** Every race that is lost was won by somebody else, so this many in a row are no race any more. */
const MAX_TRIES = 100

/** Deletes bottom up, so that whatever is left after a failure is a whole tree. */
export async function deleteAll(
  client: DeleteAllClient,
  path: string,
  options: CallOptions,
  maxMultiOps: number,
): Promise<void> {
  checkOptions(options, ['signal'])
  validatePath(path)
  if (path === ROOT)
    throw new TypeError('Invalid path "/": the root cannot be deleted; delete its children one by one')
  const batchSize = Math.max(1, Math.min(BATCH, maxMultiOps))
  for (let tries = 1; ; tries++) {
    try {
      const paths = await listTopDown(client, path, batchSize, options)
      for (let end = paths.length; end > 0; end -= batchSize) {
        const batch = paths.slice(Math.max(end - batchSize, 0), end).reverse()
        await client.multi(
          batch.map((one) => Op.delete(one)),
          options,
        )
      }
      return
    } catch (error) {
      const isRace = isKeeperException(error, 'NOTEMPTY') || isKeeperException(error, 'NONODE')
      if (!isRace || tries === MAX_TRIES) throw error
    }
  }
}

/** The path, if it exists, and all below it, every parent before its children. */
async function listTopDown(
  client: DeleteAllClient,
  top: string,
  batchSize: number,
  options: CallOptions,
): Promise<string[]> {
  const paths: string[] = []
  let level = [top]
  while (level.length > 0) {
    const below: string[] = []
    for (let start = 0; start < level.length; start += batchSize) {
      const asked = level.slice(start, start + batchSize)
      const results = await client.multiRead(
        asked.map((path) => Op.getChildren(path)),
        options,
      )
      for (const [i, path] of asked.entries()) takeIn(path, results[i], paths, below)
    }
    level = below
  }
  return paths
}

/** What may not be listed is deleted all the same: that needs a permission on its parent only. */
function takeIn(path: string, result: ReadOpResult | undefined, paths: string[], below: string[]): void {
  if (result?.type === 'error' && result.code === 'NONODE') return
  paths.push(path)
  if (result?.type === 'getChildren') for (const name of result.children) below.push(childPath(path, name))
}
