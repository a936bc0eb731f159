/** Clients that others wrote, each a process of its own with a load of its own: kazoo, and node-zookeeper-client. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import process from 'node:process'

/** One kind of them. */
export interface OtherClients {
  readonly name: string
  /** Whether an end of a frame may be lost. */
  readonly canBreakFrames: boolean
  /** The command that installs it. */
  readonly install: string
  isHere(): boolean
  /** Runs two clients to their end, or that of the signal. @throws Error if they do not end well */
  run(order: Order): Promise<void>
}

/** What they are to do. */
export interface Order {
  readonly port: number
  readonly requests: number
  readonly seed: number
  /** Ends them before their time. */
  readonly signal: AbortSignal
}

const PYTHON = '/usr/bin/python3'
const NODE_CLIENTS = 'test/peers/node-clients'
const CLIENTS = 2
/** They have a part of the requests, since they take longer. */
const PART = 4
const PATIENCE_MS = 120_000

/** All that are known. */
export const OTHER_CLIENTS: readonly OtherClients[] = [
  {
    name: 'kazoo',
    canBreakFrames: true,
    install: 'apt-get install python3-kazoo',
    isHere: () => [PYTHON, '/usr/lib/python3/dist-packages/kazoo'].every((path) => existsSync(path)),
    run: (order) => runClients([PYTHON, 'verify/history/kazoo_load.py', `127.0.0.1:${order.port}`], order),
  },
  {
    name: 'node-zookeeper-client',
    // It keeps the beginning of a frame for its next connection, and takes what comes there for the rest.
    canBreakFrames: false,
    install: `npm ci --prefix ${NODE_CLIENTS}`,
    isHere: () => existsSync(`${NODE_CLIENTS}/node_modules/node-zookeeper-client`),
    run: (order) =>
      runClients([process.execPath, 'verify/history/node-client-load.js', String(order.port)], order),
  },
]

/** A process of clients; it ends with this one, too, since it ends when nobody holds its input any more. */
export async function runClients(
  [command = '', ...args]: readonly string[],
  { requests, seed, signal }: Omit<Order, 'port'>,
): Promise<void> {
  const all = [...args, String(CLIENTS), String(Math.ceil(requests / PART)), String(seed)]
  const child = spawn(command, all, { stdio: ['pipe', 'inherit', 'pipe'] })
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS + 10 * requests)])
  const end = (): void => void child.kill('SIGKILL')
  limit.addEventListener('abort', end, { once: true })
  if (limit.aborted) end()
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const [code, by]: (number | string | null)[] = await once(child, 'close')
  limit.removeEventListener('abort', end)
  if (code === 0) return
  const how = limit.aborted ? 'did not come to its end in time' : `ended with ${code ?? by}`
  throw new Error(`${[command, ...all].join(' ')} ${how}: ${complaints || 'it did not say why'}`)
}
