/** What can happen in a simulation, as plain data: a run is a setup and a list of these, and the same data is the same run. */

/** What a client asks for. */
export type Wish =
  | 'read'
  | 'exists'
  | 'children'
  | 'sync'
  | 'set'
  | 'set much'
  | 'create'
  | 'ephemeral'
  | 'sequence'
  | 'ephemeral sequence'
  | 'delete'
  | 'multi'
  | 'doomed multi'
  | 'create all'
  | 'delete all'
  | 'aborted set'
  | 'aborted read'
  | 'claim'
  | 'lock'
  | 'unlock'
  | 'watch'
  | 'watch below'
  | 'stream'
  | 'stream below'
  | 'leave stream'
  | 'watch once'
  | 'remove watch'
  | 'remove watch locally'
  | 'throwing watcher'
  | 'rejecting watcher'
  | 're-arming watcher'
  | 'closing watcher'
  | 'watcher that removes itself'
  | 'too large'
  | 'flood'
  | 'many watches'
  | 'close'

/** How much of something arrives. */
export type Amount = 'a frame' | 'half a frame' | 'all'

/** One thing that happens; nothing else happens until all is at rest again. */
export type Action =
  /** A client asks for something, through so many `async` functions; it may have to wait for a connection. */
  | {
      readonly do: 'wish'
      readonly client: number
      readonly wish: Wish
      readonly path: string
      readonly layers: number
    }
  /** What a client has said reaches the server: so many bytes of it, or all. */
  | { readonly do: 'say'; readonly client: number; readonly bytes?: number }
  /** The same for what it said on connections that it has given up. */
  | { readonly do: 'say late'; readonly client: number }
  /** The next frame for a client arrives, or half of it, or everything that is on its way. */
  | { readonly do: 'hear'; readonly client: number; readonly much: Amount }
  /** Everything that is on its way arrives everywhere, in one turn. */
  | { readonly do: 'hear everywhere' }
  /** The connection breaks, after so many bytes of what is on its way in each direction. */
  | { readonly do: 'cut'; readonly client: number; readonly saidBytes: number; readonly heardBytes: number }
  /** The client takes its connection for broken; what it has said is still on its way to the server. */
  | { readonly do: 'give up'; readonly client: number }
  /** One direction carries nothing any more, and nobody is told. */
  | { readonly do: 'half-open'; readonly client: number; readonly lost: 'said' | 'heard' }
  /** The server ends the connection of a client. */
  | { readonly do: 'hang up'; readonly client: number }
  | { readonly do: 'redial'; readonly client: number }
  /** The next dials of a client are refused. */
  | { readonly do: 'refuse'; readonly client: number; readonly times: number }
  /** Time passes, for servers and clients. */
  | { readonly do: 'pass'; readonly ms: number }
  /** The wall clock is set forward, or back. */
  | { readonly do: 'jump'; readonly ms: number }
  /** Another connection resumes the session of a client, with what it has seen or with next to nothing. */
  | { readonly do: 'take over'; readonly client: number; readonly zxid: 'current' | 'stale' }
  /** Another connection tries to, with a wrong password. */
  | { readonly do: 'wrong password'; readonly client: number }
  /** Another connection tries to, with a zxid that the server has not come to. */
  | { readonly do: 'future zxid'; readonly client: number }
  /** Sessions are opened until the server takes no more. */
  | { readonly do: 'crowd' }
  /** The server ends a session as if its time were up. */
  | { readonly do: 'expire'; readonly client: number }
  /** Somebody writes so often, while nobody reads what is sent. */
  | { readonly do: 'burst'; readonly writes: number; readonly path: string }
  /** The state of the server is put away. */
  | { readonly do: 'snapshot' }
  /** The process of the server ends, and another one begins: with all that the first one knew, with nothing, or with what was put away. */
  | { readonly do: 'restart'; readonly state: 'kept' | 'lost' | 'older' }
  /** The process of the server stands still; afterwards it finds everything that was said meanwhile. */
  | { readonly do: 'pause'; readonly ms: number }

/** What a run begins with. */
export interface Setup {
  readonly clients: number
  /** Asked for by each client. */
  readonly sessionTimeoutMs: number
  /** Whether the last client lives below a chroot. */
  readonly hasChroot: boolean
  /** Whether the first client lives in the process of the server. */
  readonly hasLocal: boolean
  /** Whether everything is bounded so narrowly that the bounds are met. */
  readonly isNarrow: boolean
  /** Whether clients give their sessions up when no server was heard for long. */
  readonly expiresLocally: boolean
}

/** What holds unless a test says otherwise. */
export const PLAIN_SETUP: Setup = Object.freeze({
  clients: 3,
  sessionTimeoutMs: 30_000,
  hasChroot: false,
  hasLocal: false,
  isNarrow: false,
  expiresLocally: false,
})
