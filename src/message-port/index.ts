/** The door `zoolet/message-port`: one server for the threads of a process, or for a page and its workers. Names only. */
export type { RemoteConnectOptions } from '../remote-client.js'
export type { MessagePortLike } from '../transport/message-port.js'
export type { WireLimits } from '../transport/wire-limits.js'
export { connectPort } from './connect-port.js'
export { type PortEndpoint, type ServePortOptions, servePort } from './serve-port.js'
