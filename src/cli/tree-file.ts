/**
 * The tree of `--load`: a JSON file in the form of `zoo.dump()`, data by path. What is wrong with it is told with the file, and
 * with the line and column or the path.
 */
import type { Dump, DumpData, EmbeddedZooKeeper } from '../index.js'
import { CommandError, messageOf } from './command-error.js'
import { readOptionFile } from './option-file.js'
import { quote } from './shown-text.js'

const EXAMPLE = '{ "/app": "hello", "/app/empty": null }'

/** Puts the tree of a file into a server. @throws CommandError; then the server has nothing of it */
export function loadTree(zoo: EmbeddedZooKeeper, path: string): void {
  const dump = readTree(path)
  try {
    zoo.load(dump)
  } catch (cause) {
    throw faultOf(path, messageOf(cause), cause)
  }
}

function readTree(path: string): Dump {
  const tree = parse(path, decode(path, readOptionFile('--load', path)))
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree))
    throw faultOf(path, `it must be an object by path, such as ${EXAMPLE}`)
  const dump: Record<string, DumpData> = Object.create(null)
  for (const [znode, data] of Object.entries(tree)) {
    if (!isDumpData(data))
      throw faultOf(path, `the data of ${quote(znode)} must be a string, null or { "base64": "..." }`)
    dump[znode] = data
  }
  return dump
}

/** A byte order mark is dropped: editors put it there. */
function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw faultOf(path, 'it is not UTF-8', cause)
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    // `Unexpected token ... in JSON at position 12`; newer engines add line and column, and not every message has a position.
    const [message = '', position] = messageOf(cause).split(/ in JSON at position (\d+).*$/)
    const place = position === undefined ? '' : ` at ${placeOf(text, Number(position))}`
    throw faultOf(path, `it is not JSON: ${message}${place}`, cause)
  }
}

function placeOf(text: string, position: number): string {
  const before = text.slice(0, position).split('\n')
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}

function isDumpData(value: unknown): value is DumpData {
  if (value === null || typeof value === 'string') return true
  return typeof value === 'object' && 'base64' in value && typeof value.base64 === 'string'
}

function faultOf(path: string, what: string, cause?: unknown): CommandError {
  return new CommandError(`cannot load ${quote(path)}: ${what}`, { exitCode: 2, cause })
}
