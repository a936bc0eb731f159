/** The records that several messages share, and how each is written and read. The order of the fields is the wire's. */
import type { ACL } from './acl.js'
import { type CreateMode, createModeTraits, findCreateMode } from './create-mode.js'
import { type JuteReader, type JuteWriter, MarshallingError } from './jute.js'
import type { CheckRequest, ClientInfo, CreateRequest, DeleteRequest, SetDataRequest } from './message.js'
import { Stat } from './stat.js'

const LEAST_TEXT_BYTES = 4
const LEAST_ACL_BYTES = 12
const LEAST_CLIENT_INFO_BYTES = 8
const NO_TTL = -1

/** A path that has to be there. @throws MarshallingError for null */
export function readPath(input: JuteReader): string {
  const path = input.text()
  if (path === null) throw new MarshallingError('null where a path is needed')
  return path
}

/** A path or a name; null is taken for an empty one, which nothing is called. */
export function readTextOrEmpty(input: JuteReader): string {
  return input.text() ?? ''
}

/** A list of paths or names. */
export function writeTexts(out: JuteWriter, texts: readonly string[]): void {
  out.list(texts, (_, text) => out.text(text))
}

/** A list of paths that have to be there. @throws MarshallingError for a null list, or a null in it */
export function readPaths(input: JuteReader): string[] {
  return requireList(input.list(readPath, LEAST_TEXT_BYTES))
}

/** A list of names; null is taken for an empty one. @throws MarshallingError for a null list */
export function readTexts(input: JuteReader): string[] {
  return requireList(input.list(readTextOrEmpty, LEAST_TEXT_BYTES))
}

/** The 68 bytes of a Stat. */
export function writeStat(out: JuteWriter, stat: Stat): void {
  out.long(stat.czxid)
  out.long(stat.mzxid)
  out.number(stat.ctime)
  out.number(stat.mtime)
  out.int(stat.version)
  out.int(stat.cversion)
  out.int(stat.aversion)
  out.long(stat.ephemeralOwner)
  out.int(stat.dataLength)
  out.int(stat.numChildren)
  out.long(stat.pzxid)
}

/** The 68 bytes of a Stat. */
export function readStat(input: JuteReader): Stat {
  return new Stat(
    input.long(),
    input.long(),
    input.number(),
    input.number(),
    input.int(),
    input.int(),
    input.int(),
    input.long(),
    input.int(),
    input.int(),
    input.long(),
  )
}

/** An ACL. */
export function writeACL(out: JuteWriter, acl: readonly ACL[]): void {
  out.list(acl, (_, { perms, scheme, id }) => {
    out.int(perms)
    out.text(scheme)
    out.text(id)
  })
}

/** An ACL; null is an empty one, which the server refuses (INVALIDACL), as it does an entry without a scheme. */
export function readACL(input: JuteReader): ACL[] {
  return input.list(readACLEntry, LEAST_ACL_BYTES) ?? []
}

/** The identities of a connection. */
export function writeClientInfo(out: JuteWriter, infos: readonly ClientInfo[]): void {
  out.list(infos, (_, { scheme, user }) => {
    out.text(scheme)
    out.text(user)
  })
}

/** The identities of a connection. */
export function readClientInfo(input: JuteReader): ClientInfo[] {
  const read = (): ClientInfo => ({ scheme: readTextOrEmpty(input), user: readTextOrEmpty(input) })
  return input.list(read, LEAST_CLIENT_INFO_BYTES) ?? []
}

/** A create of any kind. */
export function writeCreate(out: JuteWriter, { type, path, data, acl, mode, ttlMs }: CreateRequest): void {
  out.text(path)
  out.buffer(data)
  writeACL(out, acl)
  out.int(flagOf(mode))
  if (type === 'createTTL') out.number(ttlMs)
}

/** A create of this kind; the mode is what its flags say. */
export function readCreate(input: JuteReader, type: CreateRequest['type']): CreateRequest {
  return {
    type,
    path: readPath(input),
    data: input.buffer(),
    acl: readACL(input),
    mode: findCreateMode(input.int()),
    ttlMs: type === 'createTTL' ? input.number() : NO_TTL,
  }
}

/** A delete or a check: a path and a version. */
export function writeDelete(out: JuteWriter, { path, version }: DeleteRequest | CheckRequest): void {
  out.text(path)
  out.int(version)
}

/** A delete. */
export function readDelete(input: JuteReader): DeleteRequest {
  return { type: 'delete', path: readPath(input), version: input.int() }
}

/** A check. */
export function readCheck(input: JuteReader): CheckRequest {
  return { type: 'check', path: readPath(input), version: input.int() }
}

/** A setData. */
export function writeSetData(out: JuteWriter, { path, data, version }: SetDataRequest): void {
  out.text(path)
  out.buffer(data)
  out.int(version)
}

/** A setData; a null path is left to the server, which refuses it as it does any bad one. */
export function readSetData(
  input: JuteReader,
  readWhere: (input: JuteReader) => string = readTextOrEmpty,
): SetDataRequest {
  return { type: 'setData', path: readWhere(input), data: input.buffer(), version: input.int() }
}

function requireList<T>(list: T[] | null): T[] {
  if (list === null) throw new MarshallingError('null where a list is needed')
  return list
}

function readACLEntry(input: JuteReader): ACL {
  return { perms: input.int(), scheme: readTextOrEmpty(input), id: readTextOrEmpty(input) }
}

/** No mode has the number that is written for none. */
function flagOf(mode: CreateMode | undefined): number {
  return mode === undefined ? -1 : createModeTraits[mode].flag
}
