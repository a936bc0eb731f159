/**
 * Dump: the tree in a form that people write and read, for fixtures and for assertions: data by path, nothing else.
 * The subtree /zookeeper is left out.
 */
import { describe } from '../base/describe.js'
import { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from '../base/platform.js'
import { OPEN_ACL_UNSAFE } from '../protocol/acl.js'
import type { Bytes, CreateRequest, MultiOp } from '../protocol/message.js'
import { isAtOrBelow, parentOf, ROOT, validatePath } from '../protocol/path.js'
import { type DataTree, SYSTEM_PATH } from './data-tree.js'

/** The data of one znode: text, or bytes that are no text, or null. */
export type DumpData = string | { readonly base64: string } | null

/** Data by path. Its prototype is null, so that no path is mistaken for a method. */
export type Dump = Readonly<Record<string, DumpData>>

/** The tree as of now, the root only if it has data. */
export function dumpTree(tree: DataTree): Dump {
  const dump: Record<string, DumpData> = Object.create(null)
  for (const [path, node] of tree.entries()) {
    const isBareRoot = path === ROOT && node.dataBytes === 0
    if (!isBareRoot && !isAtOrBelow(path, SYSTEM_PATH)) dump[path] = toDumpData(node.copyData())
  }
  return dump
}

/** The operations that bring a tree to contain the dump: missing parents come first, what exists is set. */
export function loadOps(dump: Dump, tree: DataTree): MultiOp[] {
  if (typeof dump !== 'object' || dump === null)
    throw new TypeError(`Invalid dump ${describe(dump)}: pass an object by path`)
  const ops: MultiOp[] = []
  const made = new Set<string>()
  const exists = (path: string): boolean => made.has(path) || tree.findNode(path) !== undefined
  for (const [path, value] of Object.entries(dump)) {
    validatePath(path)
    const data = fromDumpData(path, value)
    for (const parent of missingParents(path, exists)) {
      ops.push(createOp(parent, null))
      made.add(parent)
    }
    ops.push(exists(path) ? { type: 'setData', path, data, version: -1 } : createOp(path, data))
    made.add(path)
  }
  return ops
}

function missingParents(path: string, exists: (path: string) => boolean): string[] {
  const missing: string[] = []
  for (let parent = parentOf(path); !exists(parent); parent = parentOf(parent)) missing.unshift(parent)
  return missing
}

function createOp(path: string, data: Bytes): CreateRequest {
  return { type: 'create', path, data, acl: OPEN_ACL_UNSAFE, mode: 'PERSISTENT', ttlMs: -1 }
}

function toDumpData(data: Bytes): DumpData {
  if (data === null) return null
  const text = decodeUtf8(data)
  const isText = encodeUtf8(text).every((byte, i) => byte === data[i]) && !text.includes('\0')
  return isText ? text : { base64: encodeBase64(data) }
}

function fromDumpData(path: string, value: unknown): Bytes {
  if (value === null) return null
  if (typeof value === 'string') return encodeUtf8(value)
  const base64: unknown = typeof value === 'object' && 'base64' in value ? value.base64 : undefined
  if (typeof base64 !== 'string') {
    throw new TypeError(
      `Invalid dump: the data of ${JSON.stringify(path)} must be a string, { base64: string } or null`,
    )
  }
  try {
    return decodeBase64(base64)
  } catch (cause) {
    throw new TypeError(`Invalid dump: the data of ${JSON.stringify(path)} is no base64`, { cause })
  }
}
