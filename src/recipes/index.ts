/** The door `zoolet/recipes`: coordination made of znodes and watches, for any ZooKeeper of this package. Names only. */
export type { Acquirable } from './acquirable.js'
export { Barrier, type BarrierOptions } from './barrier.js'
export type { Layout } from './contender-name.js'
export { Counter, type CounterOptions } from './counter.js'
export { DoubleBarrier, type DoubleBarrierOptions } from './double-barrier.js'
export {
  type GroupMember,
  GroupMembership,
  type GroupMembershipEvents,
  type GroupMembershipOptions,
  type GroupState,
} from './group-membership.js'
export { LastingClient, type LastingClientEvents, type RecipeClient } from './lasting-client.js'
export { LeaderElection } from './leader-election.js'
export { Lock } from './lock.js'
export type { LockOptions } from './lock-options.js'
export { MultiLock, MultiTenure } from './multi-lock.js'
export type { WaitOptions } from './patience.js'
export { PersistentNode, type PersistentNodeEvents, type PersistentNodeOptions } from './persistent-node.js'
export { ReadWriteLock } from './read-write-lock.js'
export { type RetryOptions, retry } from './retry.js'
export { Semaphore } from './semaphore.js'
export type { ServiceStrategy } from './service-choice.js'
export {
  RegisteredService,
  type RegisteredServiceEvents,
  ServiceDiscovery,
  type ServiceDiscoveryOptions,
  ServiceProvider,
  type ServiceProviderEvents,
  type ServiceRegistration,
} from './service-discovery.js'
export {
  parseUriSpec,
  type ServiceInstance,
  type ServiceType,
  type UriPart,
  uriOf,
} from './service-instance.js'
export {
  type SetValueOptions,
  SharedValue,
  type SharedValueOptions,
  type VersionedValue,
} from './shared-value.js'
export { Task } from './task.js'
export { type PutOptions, TaskQueue, type TaskQueueOptions } from './task-queue.js'
export { type AbortOn, Tenure, TenureOverError } from './tenure.js'
export { TimeoutError } from './timeout-error.js'
export {
  type CachedZnode,
  TreeCache,
  type TreeCacheEvents,
  type TreeCacheOptions,
  type TreeChange,
} from './tree-cache.js'
export { jsonCodec, textCodec, type ValueCodec } from './value-codec.js'
export { type ChildrenState, watchChildren } from './watch-children.js'
export { type DataState, type WatchStateOptions, watchData } from './watch-data.js'
