/** One request of each kind, about the znodes that the targets have: what mutations begin with, beside the captures. */
import { OPEN_ACL_UNSAFE } from '../../../src/index.js'
import type { Request } from '../../../src/protocol/message.js'
import { hex, utf8 } from '../../../test/protocol/hex.js'
import { LONG_PATH } from './words.js'

const MINE = [{ perms: 31, scheme: 'auth', id: '' }] as const
const create = {
  type: 'create',
  path: '/a/x',
  data: utf8('x'),
  acl: OPEN_ACL_UNSAFE,
  mode: 'PERSISTENT',
  ttlMs: -1,
} as const
const paths = ['/a', '/gone', '/a/b'] as const

/** Writes, in an order in which most succeed. */
export const WRITES: readonly Request[] = [
  create,
  { ...create, path: '/a/seq-', mode: 'PERSISTENT_SEQUENTIAL' },
  { ...create, type: 'create2', path: '/e/1', mode: 'EPHEMERAL', acl: MINE },
  { ...create, type: 'create2', path: '/e/s-', mode: 'EPHEMERAL_SEQUENTIAL', data: null },
  { ...create, type: 'createContainer', path: '/a/container', mode: 'CONTAINER' },
  { ...create, type: 'createTTL', path: '/a/ttl', mode: 'PERSISTENT_WITH_TTL', ttlMs: 5000 },
  { ...create, type: 'createTTL', path: '/a/ttl-', mode: 'PERSISTENT_SEQUENTIAL_WITH_TTL', ttlMs: 1 },
  { ...create, path: LONG_PATH, data: new Uint8Array(0) },
  { type: 'setData', path: '/a', data: utf8('new'), version: 0 },
  { type: 'setData', path: '/b', data: null, version: -1 },
  { type: 'setACL', path: '/a/x', acl: [{ perms: 1, scheme: 'ip', id: '127.0.0.1' }], version: -1 },
  { type: 'delete', path: '/a/x', version: -1 },
  { type: 'delete', path: '/a', version: 7 },
  {
    type: 'multi',
    ops: [
      { ...create, path: '/m' },
      { ...create, type: 'create2', path: '/m/e', mode: 'EPHEMERAL' },
      { type: 'setData', path: '/m', data: utf8('1'), version: 0 },
      { type: 'check', path: '/m', version: 1 },
      { type: 'delete', path: '/m/e', version: 0 },
    ],
  },
  {
    type: 'multi',
    ops: [
      { type: 'delete', path: '/b', version: -1 },
      { type: 'check', path: '/gone', version: 0 },
    ],
  },
]

/** Everything else but the goodbye. */
export const OTHERS: readonly Request[] = [
  { type: 'exists', path: '/gone', watch: true },
  { type: 'getData', path: '/a', watch: true },
  { type: 'getChildren', path: '/a', watch: true },
  { type: 'getChildren2', path: '/', watch: false },
  { type: 'getACL', path: '/secret' },
  { type: 'getEphemerals', path: '/' },
  { type: 'getAllChildrenNumber', path: '/' },
  { type: 'sync', path: '/a' },
  { type: 'ping' },
  { type: 'whoAmI' },
  { type: 'reconfig' },
  {
    type: 'multiRead',
    ops: [
      { type: 'getData', path: '/a' },
      { type: 'getChildren', path: '/gone' },
    ],
  },
  { type: 'addWatch', path: '/', mode: 'PERSISTENT_RECURSIVE' },
  { type: 'addWatch', path: '/a', mode: 'PERSISTENT' },
  { type: 'checkWatches', path: '/a', watcherType: 'Data' },
  { type: 'removeWatches', path: '/a', watcherType: 'Any' },
  {
    type: 'setWatches',
    relativeZxid: 1,
    dataWatches: paths,
    existWatches: paths,
    childWatches: paths,
    persistentWatches: [],
    persistentRecursiveWatches: [],
  },
  {
    type: 'setWatches',
    relativeZxid: 0,
    dataWatches: paths,
    existWatches: paths,
    childWatches: paths,
    persistentWatches: paths,
    persistentRecursiveWatches: paths,
  },
  { type: 'auth', scheme: 'digest', auth: utf8('bob:secret') },
  { type: 'auth', scheme: 'digest', auth: utf8('super:pw') },
  { type: 'sasl', token: hex('01 02') },
]

/** The goodbye. */
export const GOODBYE: Request = { type: 'closeSession' }
