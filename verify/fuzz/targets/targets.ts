/** All targets by their names. They are made when they are wanted: nothing of the code under test may run before its coverage. */
import type { Target } from '../target.js'
import { createClientTarget } from './client-target.js'
import { createConnectStringTarget } from './connect-string-target.js'
import { createHandshakeTarget } from './handshake-target.js'
import { createRequestsTarget } from './requests-target.js'
import { createServerTarget } from './server-target.js'
import { createSnapshotTarget } from './snapshot-target.js'
import { createSplitterTarget } from './splitter-target.js'

/** In the order in which they run. */
export const TARGETS: Readonly<Record<string, () => Target>> = {
  splitter: createSplitterTarget,
  handshake: createHandshakeTarget,
  requests: createRequestsTarget,
  server: createServerTarget,
  client: createClientTarget,
  snapshot: createSnapshotTarget,
  'connect-string': createConnectStringTarget,
}
