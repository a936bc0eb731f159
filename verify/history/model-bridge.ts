/** Requests of the wire as calls of the naive model, and the model's answers as replies of the wire. */

import { errnoOf } from '../../src/protocol/code.js'
import type {
  CreateRequest,
  MultiOp,
  MultiReadOp,
  Reply,
  Request,
  Response,
} from '../../src/protocol/message.js'
import type { OpResult, ReadOpResult } from '../../src/protocol/op-result.js'
import { Stat } from '../../src/protocol/stat.js'
import type { Call, ModelStat, MultiCall, MultiResult } from '../../test/property/model-calls.js'
import type { ServerReply } from '../../test/property/model-server.js'

/** The call that this request is. @throws Error for a request that the model does not know */
export function callOf(request: Request): Call {
  switch (request.type) {
    case 'create':
    case 'create2':
    case 'createContainer':
    case 'createTTL':
      return createCall(request)
    case 'delete':
      return { op: 'delete', path: request.path, version: request.version }
    case 'setData':
      return { op: 'setData', path: request.path, data: textOf(request.data), version: request.version }
    case 'exists':
    case 'getData':
      return { op: request.type, path: request.path, watcher: request.watch ? 'default' : undefined }
    case 'getChildren':
    case 'getChildren2':
      return { op: 'getChildren', path: request.path, watcher: request.watch ? 'default' : undefined }
    case 'getACL':
    case 'getAllChildrenNumber':
      return { op: request.type, path: request.path }
    case 'getEphemerals':
      return { op: 'getEphemerals', prefix: request.path }
    case 'multi':
      return { op: 'multi', ops: request.ops.map(multiCall) }
    case 'multiRead':
      return { op: 'multiRead', ops: request.ops.map(({ type, path }: MultiReadOp) => ({ op: type, path })) }
    case 'sync':
      return { op: 'sync', path: request.path ?? '' }
    case 'addWatch': {
      const recursive = request.mode === 'PERSISTENT_RECURSIVE'
      return { op: 'addWatch', path: request.path, recursive, watcher: 'default' }
    }
    case 'removeWatches':
      return {
        op: 'removeWatches',
        path: request.path,
        type: request.watcherType,
        watcher: undefined,
        local: false,
      }
    default:
      throw new Error(`The model does not know ${request.type}`)
  }
}

/** The model's answer to this request, as it would stand on the wire. */
export function replyOf({ type }: Request, { code, value, results, zxid }: ServerReply): Reply {
  if (results !== undefined && type === 'multi')
    return { xid: 0, zxid, code: 'OK', response: { type: 'results', results: results.map(opResult) } }
  return { xid: 0, zxid, code, response: code === 'OK' ? responseOf(type, value) : undefined }
}

function responseOf(type: Request['type'], value: unknown): Response {
  const of = Object(value)
  switch (type) {
    case 'create':
      return { type: 'path', path: of.path ?? value }
    case 'create2':
    case 'createContainer':
    case 'createTTL':
      return { type: 'pathAndStat', path: of.path, stat: statOf(of.stat) }
    case 'setData':
    case 'exists':
      return { type: 'stat', stat: statOf(of) }
    case 'getData':
      return { type: 'data', data: bytesOf(of.data), stat: statOf(of.stat) }
    case 'getChildren':
      return { type: 'childNames', children: [...of.children] }
    case 'getChildren2':
      return { type: 'children', children: [...of.children], stat: statOf(of.stat) }
    case 'getACL':
      return { type: 'acl', acl: [...of.acl], stat: statOf(of.stat) }
    case 'getAllChildrenNumber':
      return { type: 'totalNumber', totalNumber: Number(value) }
    case 'getEphemerals':
      return { type: 'ephemerals', ephemerals: [...of] }
    case 'multi':
      return { type: 'results', results: Array.from(of, opResult) }
    case 'multiRead':
      return { type: 'readResults', results: Array.from(of, readResult) }
    case 'sync':
      return { type: 'synced', path: String(value) }
    default:
      return { type: 'done' }
  }
}

/** A create2 has its Stat; so have containers and TTL znodes, whatever asked for them. */
function createCall({ type, path, data, acl, mode = 'PERSISTENT', ttlMs }: CreateRequest): Call & MultiCall {
  const withStat = type !== 'create'
  return { op: 'create', path, data: textOf(data), acl, mode, ttlMs: ttlMs < 0 ? undefined : ttlMs, withStat }
}

function multiCall(op: MultiOp): MultiCall {
  switch (op.type) {
    case 'delete':
    case 'check':
      return { op: op.type, path: op.path, version: op.version }
    case 'setData':
      return { op: 'setData', path: op.path, data: textOf(op.data), version: op.version }
    default:
      return createCall(op)
  }
}

function opResult(result: MultiResult): OpResult {
  switch (result.type) {
    case 'error':
      return { type: 'error', code: result.code, errno: errnoOf(result.code) }
    case 'setData':
      return { type: 'setData', stat: statOf(result.stat) }
    case 'create':
      return result.stat === undefined
        ? { type: 'create', path: result.path }
        : { type: 'create', path: result.path, stat: statOf(result.stat) }
    default:
      return { type: result.type }
  }
}

function readResult(value: unknown): ReadOpResult {
  const { type, code, data, stat, children } = Object(value)
  if (type === 'error') return { type, code, errno: errnoOf(code) }
  if (type === 'getData') return { type, data: bytesOf(data), stat: statOf(stat) }
  return { type: 'getChildren', children: [...children] }
}

function statOf(stat: ModelStat): Stat {
  const { czxid, mzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner } = stat
  const { dataLength, numChildren, pzxid } = stat
  return new Stat(
    czxid,
    mzxid,
    ctime,
    mtime,
    version,
    cversion,
    aversion,
    ephemeralOwner,
    dataLength,
    numChildren,
    pzxid,
  )
}

function textOf(data: Uint8Array | null): string | null {
  return data === null ? null : Buffer.from(data).toString()
}

function bytesOf(data: string | null): Uint8Array | null {
  return data === null ? null : new TextEncoder().encode(data)
}
