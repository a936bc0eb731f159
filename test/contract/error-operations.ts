/** Every operation that a client offers, with a call that succeeds in a new world in which there is `/a`. */
import { OPEN_ACL_UNSAFE, Op, type ZooKeeper } from '../../src/index.js'

type Call = (zk: ZooKeeper) => Promise<unknown>

const ignore = (): void => undefined

/** The calls on a client; `connect`, which makes one, is apart. */
export const CALLS = {
  create: (zk) => zk.create('/n'),
  createAll: (zk) => zk.createAll('/n/x'),
  delete: (zk) => zk.delete('/a'),
  deleteAll: (zk) => zk.deleteAll('/a'),
  exists: (zk) => zk.exists('/a'),
  getData: (zk) => zk.getData('/a'),
  setData: (zk) => zk.setData('/a', 'x'),
  getACL: (zk) => zk.getACL('/a'),
  setACL: (zk) => zk.setACL('/a', OPEN_ACL_UNSAFE),
  getChildren: (zk) => zk.getChildren('/a'),
  getAllChildrenNumber: (zk) => zk.getAllChildrenNumber('/a'),
  getEphemerals: (zk) => zk.getEphemerals(),
  sync: (zk) => zk.sync('/a'),
  multi: (zk) => zk.multi([Op.check('/a')]),
  transaction: (zk) => zk.transaction().check('/a').commit(),
  multiRead: (zk) => zk.multiRead([Op.getData('/a')]),
  addWatch: (zk) => zk.addWatch('/a', ignore),
  removeWatches: (zk) => zk.removeWatches('/a'),
  checkWatches: (zk) => zk.checkWatches('/a'),
  watch: (zk) => zk.watch('/a').ready,
  addAuthInfo: (zk) => zk.addAuthInfo('digest', 'u:p'),
  whoAmI: (zk) => zk.whoAmI(),
  close: (zk) => zk.close(),
} as const satisfies Readonly<Record<string, Call>>

/** Of some calls, what has to be done before. */
export const PREPARATIONS: Readonly<Partial<Record<keyof typeof CALLS, Call>>> = {
  removeWatches: (zk) => zk.exists('/a', { watcher: ignore }),
  checkWatches: (zk) => zk.exists('/a', { watcher: ignore }),
}

/** A call on a client. */
export type CallName = keyof typeof CALLS

/** Something that ends with a code. */
export type Operation = CallName | 'connect'

const isCallName = (name: string): name is CallName => Object.hasOwn(CALLS, name)

/** All calls. */
export const CALL_NAMES: readonly CallName[] = Object.keys(CALLS).filter(isCallName)

/** All of them. */
export const OPERATIONS: readonly Operation[] = [...CALL_NAMES, 'connect']
