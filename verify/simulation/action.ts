/** What can happen in a simulation, as plain data: a run is a list of these, and the same list is the same run. */

/** What a client asks for. */
export type Wish = 'read' | 'exists' | 'children' | 'set' | 'create' | 'ephemeral' | 'delete'

/** One thing that happens; nothing else happens until all is at rest again. */
export type Action =
  /** A client asks for something; it may have to wait for a connection. */
  | { readonly do: 'wish'; readonly client: number; readonly wish: Wish; readonly path: string }
  /** What a client has said reaches the server. */
  | { readonly do: 'say'; readonly client: number }
  /** The next frame for a client arrives, or half of it, or everything that is on its way. */
  | { readonly do: 'hear'; readonly client: number; readonly much: 'a frame' | 'half a frame' | 'all' }
  /** The connection of a client breaks; what is on its way is lost. */
  | { readonly do: 'cut'; readonly client: number }
  /** The server ends the connection of a client. */
  | { readonly do: 'hang up'; readonly client: number }
  | { readonly do: 'redial'; readonly client: number }
  /** Time passes, for servers and clients. */
  | { readonly do: 'pass'; readonly ms: number }
