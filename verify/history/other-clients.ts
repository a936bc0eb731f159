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
  /** Runs two clients to their end. @throws Error if they do not end well */
  run(port: number, requests: number, seed: number): Promise<void>
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
    run: (port, requests, seed) =>
      load(PYTHON, ['verify/history/kazoo_load.py', `127.0.0.1:${port}`, ...sizes(requests, seed)], requests),
  },
  {
    name: 'node-zookeeper-client',
    // It keeps the beginning of a frame for its next connection, and takes what comes there for the rest.
    canBreakFrames: false,
    install: `npm ci --prefix ${NODE_CLIENTS}`,
    isHere: () => existsSync(`${NODE_CLIENTS}/node_modules/node-zookeeper-client`),
    run: (port, requests, seed) =>
      load(
        process.execPath,
        ['verify/history/node-client-load.js', String(port), ...sizes(requests, seed)],
        requests,
      ),
  },
]

function sizes(requests: number, seed: number): string[] {
  return [String(CLIENTS), String(Math.ceil(requests / PART)), String(seed)]
}

async function load(command: string, args: readonly string[], requests: number): Promise<void> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: PATIENCE_MS + 10 * requests,
  })
  const [code]: (number | null)[] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`)
}
