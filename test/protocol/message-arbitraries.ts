/**
 * Messages of every kind, at random: requests, replies by the request they answer, events, handshakes. Paths and ids are any
 * text, since the codec does not judge them; numbers are often the ones at the ends of their range.
 */
import fc from 'fast-check'
import { type ACL, Stat } from '../../src/index.js'
import { codeOf } from '../../src/protocol/code.js'
import { CreateMode } from '../../src/protocol/create-mode.js'
import type {
  CheckRequest,
  ConnectRequest,
  ConnectResponse,
  CreateRequest,
  DeleteRequest,
  MultiOp,
  MultiReadOp,
  Notification,
  Request,
  Response,
  SetDataRequest,
} from '../../src/protocol/message.js'
import { errorResult, type OpResult, type ReadOpResult } from '../../src/protocol/op-result.js'
import { AddWatchMode, WatcherType } from '../../src/protocol/watcher.js'

/** A response, and the type of a request that is answered so. */
export interface Answer {
  readonly type: Request['type']
  readonly response: Response
}

const LEAST_INT = -(2 ** 31)
const LARGEST_INT = 2 ** 31 - 1
/** Longer than what is written character by character. */
const LONG_TEXT = 80

/** 32 bits with a sign. */
export const int: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: LEAST_INT, max: LARGEST_INT }),
  fc.constantFrom(0, 1, -1, LEAST_INT, LARGEST_INT),
)

/** 64 bits with a sign. */
export const long: fc.Arbitrary<bigint> = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, 1n, -1n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n, 0x0100_0003_b731_0001n),
)

/** A whole number that a JavaScript number holds exactly. */
export const wholeNumber: fc.Arbitrary<number> = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(
    0,
    1,
    -1,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 32 + 1,
    -(2 ** 31),
    -(2 ** 32) + 1,
    -(2 ** 32),
    -(2 ** 32) - 1,
    2 ** 53,
    -(2 ** 53),
  ),
)

/** Well-formed text: plain, of other alphabets, beyond 16 bits, empty, and longer than the short way of the writer. */
export const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 12 }).map((tail) => `/${tail}`) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 8 }) },
  { weight: 1, arbitrary: fc.string({ minLength: LONG_TEXT, maxLength: 2 * LONG_TEXT }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: LONG_TEXT, maxLength: 2 * LONG_TEXT }) },
  { weight: 1, arbitrary: fc.constantFrom('', '/', '\ufeff/', '\ufffd', '한\ufffd', '/😀', '\0') },
)

/** Bytes, seldom many. */
export const bytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 300, maxLength: 600 }) },
)

const data: fc.Arbitrary<Uint8Array | null> = fc.option(bytes, { nil: null })

const texts: fc.Arbitrary<string[]> = fc.array(text, { maxLength: 4 })

const acl: fc.Arbitrary<ACL[]> = fc.array(fc.record({ perms: int, scheme: text, id: text }), { maxLength: 3 })

/** Any Stat. */
export const stat: fc.Arbitrary<Stat> = fc
  .tuple(long, long, wholeNumber, wholeNumber, int, int, int, long, int, int, long)
  .map((fields) => new Stat(...fields))

const mode = fc.constantFrom(undefined, ...Object.values(CreateMode))

const plainCreate: fc.Arbitrary<CreateRequest> = fc.record({
  type: fc.constantFrom('create' as const, 'create2' as const, 'createContainer' as const),
  path: text,
  data,
  acl,
  mode,
  ttlMs: fc.constant(-1),
})

const ttlCreate: fc.Arbitrary<CreateRequest> = fc.record({
  type: fc.constant('createTTL' as const),
  path: text,
  data,
  acl,
  mode,
  ttlMs: wholeNumber,
})

const create: fc.Arbitrary<CreateRequest> = fc.oneof(plainCreate, ttlCreate)

const remove: fc.Arbitrary<DeleteRequest> = fc.record({
  type: fc.constant('delete' as const),
  path: text,
  version: int,
})

const setData: fc.Arbitrary<SetDataRequest> = fc.record({
  type: fc.constant('setData' as const),
  path: text,
  data,
  version: int,
})

const check: fc.Arbitrary<CheckRequest> = fc.record({
  type: fc.constant('check' as const),
  path: text,
  version: int,
})

/** The operations of a multi. */
export const multiOps: fc.Arbitrary<MultiOp[]> = fc.array(
  fc.oneof<fc.Arbitrary<MultiOp>[]>(create, remove, setData, check),
  {
    maxLength: 5,
  },
)

/** The reads of a multiRead. */
export const multiReadOps: fc.Arbitrary<MultiReadOp[]> = fc.array(
  fc.record({ type: fc.constantFrom('getData' as const, 'getChildren' as const), path: text }),
  { maxLength: 5 },
)

const watcherType = fc.constantFrom(...keysOf(WatcherType))

/** Every request that a client can send, by its type. */
export const requests: fc.Arbitrary<Request> = fc.oneof<fc.Arbitrary<Request>[]>(
  create,
  remove,
  setData,
  fc.record({
    type: fc.constantFrom(
      'exists' as const,
      'getData' as const,
      'getChildren' as const,
      'getChildren2' as const,
    ),
    path: text,
    watch: fc.boolean(),
  }),
  fc.record({
    type: fc.constantFrom('getACL' as const, 'getAllChildrenNumber' as const, 'getEphemerals' as const),
    path: text,
  }),
  fc.record({ type: fc.constant('sync' as const), path: fc.option(text, { nil: null }) }),
  fc.record({ type: fc.constant('setACL' as const), path: text, acl, version: int }),
  fc.record({ type: fc.constant('multi' as const), ops: multiOps }),
  fc.record({ type: fc.constant('multiRead' as const), ops: multiReadOps }),
  fc.record({
    type: fc.constantFrom('checkWatches' as const, 'removeWatches' as const),
    path: text,
    watcherType,
  }),
  fc.record({
    type: fc.constant('addWatch' as const),
    path: text,
    mode: fc.constantFrom(...keysOf(AddWatchMode)),
  }),
  fc.record({
    type: fc.constant('setWatches' as const),
    relativeZxid: wholeNumber,
    dataWatches: texts,
    existWatches: texts,
    childWatches: texts,
    persistentWatches: texts,
    persistentRecursiveWatches: texts,
  }),
  fc.record({ type: fc.constant('auth' as const), scheme: text, auth: data }),
  fc.record({ type: fc.constant('sasl' as const), token: bytes }),
  fc.record({
    type: fc.constantFrom('whoAmI' as const, 'reconfig' as const, 'closeSession' as const, 'ping' as const),
  }),
)

const error = fc.integer({ min: -130, max: 0 }).map((errno) => errorResult(codeOf(errno)))

/** The results of a multi. */
export const opResults: fc.Arbitrary<OpResult[]> = fc.array(
  fc.oneof<fc.Arbitrary<OpResult>[]>(
    fc.record({ type: fc.constant('create' as const), path: text }),
    fc.record({ type: fc.constant('create' as const), path: text, stat }),
    fc.record({ type: fc.constantFrom('delete' as const, 'check' as const) }),
    fc.record({ type: fc.constant('setData' as const), stat }),
    error,
  ),
  { maxLength: 5 },
)

/** The results of a multiRead. */
export const readResults: fc.Arbitrary<ReadOpResult[]> = fc.array(
  fc.oneof<fc.Arbitrary<ReadOpResult>[]>(
    fc.record({ type: fc.constant('getData' as const), data, stat }),
    fc.record({ type: fc.constant('getChildren' as const), children: texts }),
    error,
  ),
  { maxLength: 5 },
)

/** Every response, but that to an addWatch, which a client reads as another one. */
export const answers: fc.Arbitrary<Answer> = fc.oneof(
  answer(
    ['delete', 'ping', 'checkWatches', 'removeWatches', 'auth', 'setWatches', 'closeSession'],
    fc.record({ type: fc.constant('done' as const) }),
  ),
  answer(['create'], fc.record({ type: fc.constant('path' as const), path: text })),
  answer(
    ['create2', 'createContainer', 'createTTL'],
    fc.record({ type: fc.constant('pathAndStat' as const), path: text, stat }),
  ),
  answer(['sync'], fc.record({ type: fc.constant('synced' as const), path: fc.option(text, { nil: null }) })),
  answer(['exists', 'setData', 'setACL'], fc.record({ type: fc.constant('stat' as const), stat })),
  answer(['getData', 'reconfig'], fc.record({ type: fc.constant('data' as const), data, stat })),
  answer(['getACL'], fc.record({ type: fc.constant('acl' as const), acl, stat })),
  answer(['getChildren'], fc.record({ type: fc.constant('childNames' as const), children: texts })),
  answer(['getChildren2'], fc.record({ type: fc.constant('children' as const), children: texts, stat })),
  answer(
    ['getAllChildrenNumber'],
    fc.record({ type: fc.constant('totalNumber' as const), totalNumber: int }),
  ),
  answer(['getEphemerals'], fc.record({ type: fc.constant('ephemerals' as const), ephemerals: texts })),
  answer(['multi'], fc.record({ type: fc.constant('results' as const), results: opResults })),
  answer(['multiRead'], fc.record({ type: fc.constant('readResults' as const), results: readResults })),
  answer(
    ['whoAmI'],
    fc.record({
      type: fc.constant('clientInfo' as const),
      clientInfo: fc.array(fc.record({ scheme: text, user: text }), { maxLength: 3 }),
    }),
  ),
  answer(['sasl'], fc.record({ type: fc.constant('token' as const), token: data })),
)

/** Every event that a server sends. */
export const notifications: fc.Arbitrary<Notification> = fc.record({
  type: fc.constantFrom(
    'NodeCreated' as const,
    'NodeDeleted' as const,
    'NodeDataChanged' as const,
    'NodeChildrenChanged' as const,
  ),
  path: text,
  zxid: wholeNumber,
})

/** The first message of a client. */
export const connectRequests: fc.Arbitrary<Required<ConnectRequest>> = fc.record({
  lastZxidSeen: wholeNumber,
  timeoutMs: int,
  sessionId: long,
  password: bytes,
  canBeReadOnly: fc.boolean(),
})

/** The first message of a server. */
export const connectResponses: fc.Arbitrary<Required<ConnectResponse>> = fc.record({
  timeoutMs: int,
  sessionId: long,
  password: bytes,
  isReadOnly: fc.boolean(),
})

function answer(types: readonly Request['type'][], response: fc.Arbitrary<Response>): fc.Arbitrary<Answer> {
  return fc.record({ type: fc.constantFrom(...types), response })
}

function keysOf<T extends string>(table: Readonly<Record<T, number>>): T[] {
  const names: T[] = []
  for (const name in table) names.push(name)
  return names
}
