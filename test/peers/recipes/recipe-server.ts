/**
 * The servers on which our recipes and those of others meet: zoolet's own, in this process, and a real Apache ZooKeeper. A tick is
 * 200 ms and containers are looked for as often, so that a session ends and a container goes soon when its time has come.
 */
import { EmbeddedZooKeeper } from '../../../src/index.js'
import { listen } from '../../../src/node/index.js'
import { startApacheProcess } from '../apache-process.js'

/** Which of the two. */
export type RecipeServerKind = 'zoolet' | 'apache'

/** A server that serves. */
export interface RecipeServer {
  readonly port: number
  readonly connectString: string
  stop(): Promise<void>
}

const TICK_TIME_MS = 200
const CONTAINER_CHECK_INTERVAL_MS = 200
const MAX_SESSION_TIMEOUT_MS = 60_000

/** Starts one, empty, on a free port of 127.0.0.1. */
export function startRecipeServer(kind: RecipeServerKind): Promise<RecipeServer> {
  return kind === 'zoolet' ? startZoolet() : startApache()
}

async function startZoolet(): Promise<RecipeServer> {
  const zoo = new EmbeddedZooKeeper({
    tickTimeMs: TICK_TIME_MS,
    maxSessionTimeoutMs: MAX_SESSION_TIMEOUT_MS,
    containerCheckIntervalMs: CONTAINER_CHECK_INTERVAL_MS,
  })
  const endpoint = await listen(zoo, { port: 0, fourLetterWords: '*' })
  const { port = 0, connectString } = endpoint
  return {
    port,
    connectString,
    stop: async () => {
      await endpoint.close()
      await zoo.close()
    },
  }
}

async function startApache(): Promise<RecipeServer> {
  const { port, kill } = await startApacheProcess({
    isShortLived: true,
    configuration: { tickTime: TICK_TIME_MS, maxSessionTimeout: MAX_SESSION_TIMEOUT_MS },
    properties: { 'znode.container.checkIntervalMs': String(CONTAINER_CHECK_INTERVAL_MS) },
  })
  return { port, connectString: `127.0.0.1:${port}`, stop: async () => void (await kill()) }
}
