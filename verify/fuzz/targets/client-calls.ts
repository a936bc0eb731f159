/** One call of each kind, as the client of the target `client` has them under way when the hostile bytes arrive. */
import { OPEN_ACL_UNSAFE, Op, type Watcher, type ZooKeeper } from '../../../src/index.js'
import type { Request } from '../../../src/protocol/message.js'

/** A call. */
export interface ClientCall {
  /** The first request that it makes. */
  readonly type: Request['type']
  make(zk: ZooKeeper, watcher: Watcher): Promise<unknown>
}

/** In the order in which they are made, from any of them on. */
export const CLIENT_CALLS: readonly ClientCall[] = [
  { type: 'create', make: (zk) => zk.create('/w', 'data') },
  {
    type: 'create2',
    make: (zk) => zk.create('/w/e-', 'd', { mode: 'EPHEMERAL_SEQUENTIAL', withStat: true }),
  },
  { type: 'getData', make: (zk, watcher) => zk.getData('/w', { watcher }) },
  { type: 'exists', make: (zk, watcher) => zk.exists('/nope', { watcher }) },
  { type: 'setData', make: (zk) => zk.setData('/w', 'new') },
  { type: 'getChildren2', make: (zk, watcher) => zk.getChildren('/w', { watcher }) },
  { type: 'getACL', make: (zk) => zk.getACL('/w') },
  { type: 'setData', make: (zk) => zk.setACL('/w', OPEN_ACL_UNSAFE) },
  { type: 'sync', make: (zk) => zk.sync('/w') },
  { type: 'whoAmI', make: (zk) => zk.whoAmI() },
  { type: 'getEphemerals', make: (zk) => zk.getEphemerals('/') },
  { type: 'getAllChildrenNumber', make: (zk) => zk.getAllChildrenNumber('/') },
  { type: 'addWatch', make: (zk, watcher) => zk.addWatch('/w', watcher, { recursive: true }) },
  { type: 'addWatch', make: (zk, watcher) => zk.addWatch('/x', watcher) },
  { type: 'checkWatches', make: (zk) => zk.checkWatches('/w') },
  { type: 'checkWatches', make: (zk) => zk.removeWatches('/w', { local: true }) },
  {
    type: 'multi',
    make: (zk) =>
      zk.multi([Op.create('/m', 'd'), Op.check('/m', 0), Op.setData('/m', 'x', 0), Op.delete('/m')]),
  },
  { type: 'multiRead', make: (zk) => zk.multiRead([Op.getData('/w'), Op.getChildren('/w')]) },
  { type: 'exists', make: (zk) => zk.createAll('/p/q/r', 'd') },
  { type: 'multiRead', make: (zk) => zk.deleteAll('/p') },
  { type: 'addWatch', make: drain },
  { type: 'auth', make: (zk) => zk.addAuthInfo('digest', 'bob:secret') },
  { type: 'delete', make: (zk) => zk.delete('/w') },
]

/** Events until there are no more. */
async function drain(zk: ZooKeeper): Promise<number> {
  let events = 0
  for await (const _ of zk.watch('/w', { recursive: true, bufferSize: 4 })) events += 1
  return events
}
