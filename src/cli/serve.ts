/**
 * `zoolet serve`: a server of its own process, from its options to what it served. It prints one line for each place it listens
 * on, once all of them are ready, and serves until a signal asks it to stop.
 */
import { EmbeddedZooKeeper } from '../index.js'
import {
  type Endpoint,
  type ListenOptions,
  listen,
  type ServedFigures,
  WIRE_SERVER_LIMITS,
} from '../node/index.js'
import { listenFault } from './listen-fault.js'
import { isLoopback } from './loopback.js'
import { optionHelp } from './option-help.js'
import { RequestLog } from './request-log.js'
import { type ListenPlace, readServeOptions, SERVE_OPTIONS, type ServeOptions } from './serve-options.js'
import { counted, showPath } from './shown-text.js'
import { StopRequest } from './stop-request.js'
import type { Terminal } from './terminal.js'
import { readTlsFiles } from './tls-files.js'
import { loadTree } from './tree-file.js'

/** The help of the command. */
export function serveHelp(): string[] {
  return [
    'Usage: zoolet serve [options]',
    '',
    'Serves an in-memory ZooKeeper on a port or a Unix socket, to ZooKeeper clients in any language.',
    'Nothing is written to disk: what is in the tree is gone when the server stops.',
    '',
    'Options:',
    ...optionHelp(SERVE_OPTIONS),
    '',
    'SIGINT (Ctrl-C) and SIGTERM stop it, and it prints what it served; a second one ends it at once.',
    'Exit code: 0 when stopped, 1 if it cannot listen, 2 if the command line is wrong.',
  ]
}

/** Serves until a signal comes, and resolves when everything is closed. @throws CommandError if it cannot start */
export async function serve(args: readonly string[], terminal: Terminal): Promise<void> {
  const options = readServeOptions(args)
  const toListen = await listenOptions(options)
  const zoo = createServer(options, terminal)
  const stop = new StopRequest(terminal)
  try {
    const startMs = zoo.clock.monotonicMs()
    const endpoints = await listenAll(zoo, toListen)
    announce(endpoints, options, terminal)
    if (options.isVerbose) logRequests(zoo, terminal)
    await stop.made
    await Promise.all(endpoints.map((endpoint) => endpoint.close()))
    await zoo.close()
    terminal.print(summary(endpoints, zoo.clock.monotonicMs() - startMs))
  } finally {
    await zoo.close()
    stop.release()
  }
}

function createServer(options: ServeOptions, terminal: Terminal): EmbeddedZooKeeper {
  const zoo = new EmbeddedZooKeeper({ ...options.server, limits: WIRE_SERVER_LIMITS })
  // A fault of ours costs the connection that met it, not the server.
  zoo.on('watcherError', (error) =>
    terminal.warn(
      `zoolet is broken, please report it: ${error instanceof Error ? error.stack : String(error)}`,
    ),
  )
  if (options.loadPath !== undefined) loadTree(zoo, options.loadPath)
  return zoo
}

type ToListen = readonly (readonly [place: ListenPlace, options: ListenOptions])[]

async function listenOptions({
  places,
  maxClientCnxns,
  fourLetterWords,
  tls,
}: ServeOptions): Promise<ToListen> {
  const shared = { fourLetterWords, limits: maxClientCnxns === undefined ? {} : { maxClientCnxns } }
  const secured = tls === undefined ? shared : { ...shared, tls: await readTlsFiles(tls) }
  return places.map((place) => [place, { ...('path' in place ? shared : secured), ...place }])
}

/** Listens on all places or on none. */
async function listenAll(zoo: EmbeddedZooKeeper, toListen: ToListen): Promise<Endpoint[]> {
  const outcomes = await Promise.allSettled(toListen.map(([, options]) => listen(zoo, options)))
  const endpoints = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  for (const [i, [place]] of toListen.entries()) {
    const outcome = outcomes[i]
    if (outcome?.status !== 'rejected') continue
    await Promise.all(endpoints.map((endpoint) => endpoint.close()))
    throw listenFault(place, outcome.reason)
  }
  return endpoints
}

function announce(endpoints: readonly Endpoint[], { places }: ServeOptions, terminal: Terminal): void {
  for (const place of places) {
    if ('path' in place || isLoopback(place.host)) continue
    terminal.warn(
      `zoolet: warning: ${showPath(place.host)} is reachable from other machines, and nobody has to log in: whoever reaches the port can read and write`,
    )
  }
  for (const endpoint of endpoints) terminal.print(`zoolet listening on ${addressOf(endpoint)}`)
}

function addressOf({ host = '', port, path }: Endpoint): string {
  if (path !== undefined) return path
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function logRequests(zoo: EmbeddedZooKeeper, terminal: Terminal): void {
  const log = new RequestLog()
  zoo.inspect((event) => {
    const line = log.findLine(event)
    if (line !== undefined) terminal.print(line)
  })
}

function summary(endpoints: readonly Endpoint[], elapsedMs: number): string {
  const total = (figure: keyof ServedFigures): number =>
    endpoints.reduce((sum, { served }) => sum + served[figure], 0)
  const parts = [
    counted(total('connections'), 'connection'),
    counted(total('requests'), 'request'),
    total('replies') === 1 ? '1 reply' : `${total('replies')} replies`,
  ]
  const notifications = counted(total('notifications'), 'notification')
  return `zoolet served ${parts.join(', ')} and ${notifications} in ${(elapsedMs / 1000).toFixed(1)} seconds`
}
