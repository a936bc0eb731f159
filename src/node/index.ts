/** The door `zoolet/node`: an embedded server on a port, and clients of any ZooKeeper over a network. Names only. */

export type { RemoteConnectOptions } from '../remote-client.js'
export type { WireLimits } from '../transport/wire-limits.js'
export { connect, type NetworkConnectOptions } from './connect.js'
export type { Endpoint } from './endpoint.js'
export { type ListenOptions, listen } from './listen.js'
export type { ServedFigures } from './listener-figures.js'
export { WIRE_SERVER_LIMITS } from './server-limits.js'
