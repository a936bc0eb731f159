/**
 * The codec: every message of a session as the payload of a frame, both ways, for servers and for clients. One row an operation.
 * A request is told by its operation; a response by its shape when it is written, and by its request when it is read.
 */
import { codeOf, errnoOf } from './code.js'
import { JuteReader, type JuteWriter, MarshallingError } from './jute.js'
import {
  type BadRequest,
  type BareRequest,
  DONE,
  type Notification,
  type PathRequest,
  type Reply,
  type Request,
  type Response,
  type SetWatchesRequest,
  type WatchesRequest,
  type WatchingRead,
} from './message.js'
import {
  readMultiOps,
  readMultiReadOps,
  readOpResults,
  readReadResults,
  writeMultiOps,
  writeMultiReadOps,
  writeResults,
} from './multi-codec.js'
import { OpCode } from './op-code.js'
import {
  readACL,
  readClientInfo,
  readCreate,
  readDelete,
  readPath,
  readPaths,
  readSetData,
  readStat,
  readTextOrEmpty,
  readTexts,
  writeACL,
  writeClientInfo,
  writeCreate,
  writeDelete,
  writeSetData,
  writeStat,
  writeTexts,
} from './records.js'
import { EventType, KeeperState, type NodeEventType } from './watched-event.js'
import { AddWatchMode, WatcherType } from './watcher.js'
import { NOTIFICATION_XID, PING_XID } from './xid.js'

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly xid: number
  readonly request: Request
}

/** The front of everything that a server sends but the handshake. */
export interface ReplyHeader {
  readonly xid: number
  readonly zxid: number
  readonly errno: number
}

/** Servers that join, servers that leave, and the new list. */
const RECONFIG_TEXTS = 3

type RequestType = Exclude<Request['type'], BadRequest['type'] | 'check'>
type RequestOf<T, R = Request> = R extends { readonly type: infer U } ? (T extends U ? R : never) : never
type ResponseOf<T> = Extract<Response, { readonly type: T }>

interface Row<R> {
  readonly write: (out: JuteWriter, request: R) => void
  readonly read: (input: JuteReader) => Request
  readonly readResponse: (input: JuteReader) => Response
}

const responseReaders = {
  done: (): Response => DONE,
  path: (input: JuteReader): Response => ({ type: 'path', path: readPath(input) }),
  pathAndStat: (input: JuteReader): Response => ({
    type: 'pathAndStat',
    path: readPath(input),
    stat: readStat(input),
  }),
  synced: (input: JuteReader): Response => ({ type: 'synced', path: input.text() }),
  stat: (input: JuteReader): Response => ({ type: 'stat', stat: readStat(input) }),
  data: (input: JuteReader): Response => ({ type: 'data', data: input.buffer(), stat: readStat(input) }),
  acl: (input: JuteReader): Response => ({ type: 'acl', acl: readACL(input), stat: readStat(input) }),
  childNames: (input: JuteReader): Response => ({ type: 'childNames', children: readTexts(input) }),
  children: (input: JuteReader): Response => ({
    type: 'children',
    children: readTexts(input),
    stat: readStat(input),
  }),
  totalNumber: (input: JuteReader): Response => ({ type: 'totalNumber', totalNumber: input.int() }),
  ephemerals: (input: JuteReader): Response => ({ type: 'ephemerals', ephemerals: readTexts(input) }),
  results: (input: JuteReader): Response => ({ type: 'results', results: readOpResults(input) }),
  readResults: (input: JuteReader): Response => ({ type: 'readResults', results: readReadResults(input) }),
  clientInfo: (input: JuteReader): Response => ({ type: 'clientInfo', clientInfo: readClientInfo(input) }),
  token: (input: JuteReader): Response => ({ type: 'token', token: input.buffer() }),
} as const

type ResponseWriters = { [T in Response['type']]: (out: JuteWriter, it: ResponseOf<T>) => void }

const responseWriters: Readonly<ResponseWriters> = {
  done: nothing,
  // The body of an addWatch is an error number once more.
  watchAdded: (out) => out.int(errnoOf('OK')),
  path: (out, { path }) => out.text(path),
  pathAndStat: (out, { path, stat }) => {
    out.text(path)
    writeStat(out, stat)
  },
  synced: (out, { path }) => out.text(path),
  stat: (out, { stat }) => writeStat(out, stat),
  data: (out, { data, stat }) => {
    out.buffer(data)
    writeStat(out, stat)
  },
  acl: (out, { acl, stat }) => {
    writeACL(out, acl)
    writeStat(out, stat)
  },
  childNames: (out, { children }) => writeTexts(out, children),
  children: (out, { children, stat }) => {
    writeTexts(out, children)
    writeStat(out, stat)
  },
  totalNumber: (out, { totalNumber }) => out.int(totalNumber),
  ephemerals: (out, { ephemerals }) => writeTexts(out, ephemerals),
  results: (out, { results }) => writeResults(out, results),
  readResults: (out, { results }) => writeResults(out, results),
  clientInfo: (out, { clientInfo }) => writeClientInfo(out, clientInfo),
  token: (out, { token }) => out.buffer(token),
}

const { done, path, pathAndStat, synced, stat, data, acl, childNames, children } = responseReaders
const { totalNumber, ephemerals, results, readResults, clientInfo, token } = responseReaders

const rows: Readonly<{ [T in RequestType]: Row<RequestOf<T>> }> = {
  create: row(writeCreate, (input) => readCreate(input, 'create'), path),
  create2: row(writeCreate, (input) => readCreate(input, 'create2'), pathAndStat),
  createContainer: row(writeCreate, (input) => readCreate(input, 'createContainer'), pathAndStat),
  createTTL: row(writeCreate, (input) => readCreate(input, 'createTTL'), pathAndStat),
  delete: row(writeDelete, readDelete, done),
  exists: watchingRead('exists', stat),
  getData: watchingRead('getData', data),
  setData: row(writeSetData, readSetData, stat),
  getACL: pathRequest('getACL', readPath, acl),
  setACL: row(
    (out, request) => {
      out.text(request.path)
      writeACL(out, request.acl)
      out.int(request.version)
    },
    (input) => ({ type: 'setACL', path: readTextOrEmpty(input), acl: readACL(input), version: input.int() }),
    stat,
  ),
  getChildren: watchingRead('getChildren', childNames),
  getChildren2: watchingRead('getChildren2', children),
  sync: row(
    (out, request) => out.text(request.path),
    (input) => ({ type: 'sync', path: input.text() }),
    synced,
  ),
  ping: bare('ping', done),
  multi: row(
    (out, request) => writeMultiOps(out, request.ops),
    (input) => ({ type: 'multi', ops: readMultiOps(input) }),
    results,
  ),
  multiRead: row(
    (out, request) => writeMultiReadOps(out, request.ops),
    (input) => ({ type: 'multiRead', ops: readMultiReadOps(input) }),
    readResults,
  ),
  // It is refused, but it has to be one.
  reconfig: row(
    (out) => {
      for (let i = 0; i < RECONFIG_TEXTS; i++) out.text(null)
      out.number(-1)
    },
    (input): BareRequest => {
      for (let i = 0; i < RECONFIG_TEXTS; i++) input.text()
      input.number()
      return { type: 'reconfig' }
    },
    data,
  ),
  checkWatches: watches('checkWatches', readPath),
  // As on the real server, nothing is found under no path.
  removeWatches: watches('removeWatches', readTextOrEmpty),
  addWatch: row(
    (out, request) => {
      out.text(request.path)
      out.int(AddWatchMode[request.mode])
    },
    (input) => ({ type: 'addWatch', path: readPath(input), mode: nameOf(AddWatchMode, input.int()) }),
    done,
  ),
  auth: row(
    (out, request) => {
      out.int(0)
      out.text(request.scheme)
      out.buffer(request.auth)
    },
    (input) => {
      input.int()
      return { type: 'auth', scheme: readTextOrEmpty(input), auth: input.buffer() }
    },
    done,
  ),
  setWatches: row(writeSetWatches, (input) => readSetWatches(input, false), done),
  sasl: row(
    (out, request) => out.buffer(request.token),
    (input) => ({ type: 'sasl', token: requireToken(input) }),
    token,
  ),
  getEphemerals: pathRequest('getEphemerals', readTextOrEmpty, ephemerals),
  getAllChildrenNumber: pathRequest('getAllChildrenNumber', readPath, totalNumber),
  whoAmI: bare('whoAmI', clientInfo),
  closeSession: bare('closeSession', done),
}

const bodyReaders: ReadonlyMap<number, (input: JuteReader) => Request> = new Map([
  ...Object.entries(rows).map(([name, { read }]) => [OpCode[name as RequestType], read] as const),
  [OpCode.setWatches2, (input: JuteReader): Request => readSetWatches(input, true)] as const,
])

/** Closed without a reply if they cannot be read: the real server answers them before its other requests. */
const UNANSWERED: readonly number[] = [OpCode.auth, OpCode.sasl]

/** The payload of a frame from a client. @throws MarshallingError if it is not even a request: then the connection ends */
export function decodeRequest(frame: Uint8Array): ReceivedRequest {
  return readRequest(new JuteReader(frame))
}

/** The same, where it is. @throws MarshallingError if it is not even a request: then the connection ends */
export function readRequest(input: JuteReader): ReceivedRequest {
  const xid = input.int()
  const opCode = input.int()
  const read = bodyReaders.get(opCode)
  if (read === undefined) return { xid, request: { type: 'unknown', opCode } }
  // The answer to a ping has an xid of its own.
  return { xid: opCode === OpCode.ping ? PING_XID : xid, request: readBody(read, input, opCode) }
}

/** The payload of a request. */
export function encodeRequest(out: JuteWriter, xid: number, request: Request): void {
  const { type } = request
  const row: Row<never> | undefined = rows[type as RequestType]
  if (row === undefined) throw new MarshallingError(`${type} is not sent by itself`)
  out.int(xid)
  out.int(type === 'setWatches' && isLasting(request) ? OpCode.setWatches2 : OpCode[type as RequestType])
  row.write(out, request as never)
}

/** The payload of a reply; a failed one has no body. */
export function encodeReply(out: JuteWriter, { xid, zxid, code, response }: Reply): void {
  writeReplyHeader(out, xid, zxid, errnoOf(code))
  if (response !== undefined) responseWriters[response.type](out, response as never)
}

/** The payload of an event. */
export function encodeNotification(out: JuteWriter, { type, path, zxid }: Notification): void {
  writeReplyHeader(out, NOTIFICATION_XID, zxid, errnoOf('OK'))
  out.int(EventType[type])
  out.int(KeeperState.SyncConnected)
  out.text(path)
}

/** The front of a frame from a server; what follows is read by one of the functions below. */
export function readReplyHeader(input: JuteReader): ReplyHeader {
  return { xid: input.int(), zxid: input.number(), errno: input.int() }
}

/** A reply to a request of this type. The body of a failed one is left alone, whatever it holds. */
export function readReply(
  input: JuteReader,
  { xid, zxid, errno }: ReplyHeader,
  type: Request['type'],
): Reply {
  const code = codeOf(errno)
  if (code !== 'OK') return { xid, zxid, code, response: undefined }
  return { xid, zxid, code, response: rows[type as RequestType].readResponse(input) }
}

/** An event. @throws MarshallingError for a type that a server does not send */
export function readNotification(input: JuteReader, { zxid }: ReplyHeader): Notification {
  const type: EventType = nameOf(EventType, input.int())
  input.int()
  if (!isNodeEvent(type)) throw new MarshallingError(`an event ${type}`)
  return { type, path: readPath(input), zxid }
}

function readBody(read: (input: JuteReader) => Request, input: JuteReader, opCode: number): Request {
  try {
    return read(input)
  } catch (error) {
    if (error instanceof MarshallingError && !UNANSWERED.includes(opCode))
      return { type: 'malformed', opCode }
    throw error
  }
}

function row<R extends Request>(
  write: (out: JuteWriter, request: R) => void,
  read: (input: JuteReader) => R,
  readResponse: (input: JuteReader) => Response,
): Row<R> {
  return { write, read, readResponse }
}

function watchingRead(
  type: WatchingRead['type'],
  readResponse: (input: JuteReader) => Response,
): Row<WatchingRead> {
  const write = (out: JuteWriter, request: WatchingRead): void => {
    out.text(request.path)
    out.boolean(request.watch)
  }
  return row(write, (input) => ({ type, path: readPath(input), watch: input.boolean() }), readResponse)
}

function pathRequest(
  type: PathRequest['type'],
  readPath: (input: JuteReader) => string,
  readResponse: (input: JuteReader) => Response,
): Row<PathRequest> {
  return row(
    (out, request) => out.text(request.path),
    (input) => ({ type, path: readPath(input) }),
    readResponse,
  )
}

function watches(type: WatchesRequest['type'], readPath: (input: JuteReader) => string): Row<WatchesRequest> {
  const write = (out: JuteWriter, request: WatchesRequest): void => {
    out.text(request.path)
    out.int(WatcherType[request.watcherType])
  }
  const read = (input: JuteReader): WatchesRequest => ({
    type,
    path: readPath(input),
    watcherType: nameOf(WatcherType, input.int()),
  })
  return row(write, read, done)
}

function bare(type: BareRequest['type'], readResponse: (input: JuteReader) => Response): Row<BareRequest> {
  return row(nothing, () => ({ type }), readResponse)
}

function isLasting(request: SetWatchesRequest): boolean {
  return request.persistentWatches.length > 0 || request.persistentRecursiveWatches.length > 0
}

/** As setWatches, which older servers know too, unless there are watches that only setWatches2 has. */
function writeSetWatches(out: JuteWriter, request: SetWatchesRequest): void {
  out.number(request.relativeZxid)
  writeTexts(out, request.dataWatches)
  writeTexts(out, request.existWatches)
  writeTexts(out, request.childWatches)
  if (!isLasting(request)) return
  writeTexts(out, request.persistentWatches)
  writeTexts(out, request.persistentRecursiveWatches)
}

function readSetWatches(input: JuteReader, isSecond: boolean): SetWatchesRequest {
  return {
    type: 'setWatches',
    relativeZxid: input.number(),
    dataWatches: readPaths(input),
    existWatches: readPaths(input),
    childWatches: readPaths(input),
    persistentWatches: isSecond ? readPaths(input) : [],
    persistentRecursiveWatches: isSecond ? readPaths(input) : [],
  }
}

function requireToken(input: JuteReader): Uint8Array {
  const bytes = input.buffer()
  if (bytes === null) throw new MarshallingError('null where a token is needed')
  return bytes
}

function writeReplyHeader(out: JuteWriter, xid: number, zxid: number, errno: number): void {
  out.int(xid)
  out.number(zxid)
  out.int(errno)
}

/** The name that a table gives this number. @throws MarshallingError if it gives none */
function nameOf<N extends string>(table: Readonly<Record<N, number>>, number: number): N {
  for (const name in table) if (table[name] === number) return name
  throw new MarshallingError(`number ${number} where one of ${Object.keys(table).join(', ')} is meant`)
}

function isNodeEvent(type: EventType): type is NodeEventType {
  return EventType[type] >= EventType.NodeCreated && EventType[type] <= EventType.NodeChildrenChanged
}

function nothing(): void {}
