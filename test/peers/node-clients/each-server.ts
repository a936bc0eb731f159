/**
 * A suite of one client, run against `zoolet serve` and against the real server with the same expectations: that the real one meets
 * them is what makes them true. A suite has a fixed number of tests, so that none gets lost.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { APACHE_SERVER, type Server, type ServerKind, startServer } from '../java/server-pair.js'
import { describePeer, type PeerNeed } from '../peer.js'

/** What the tests of a suite run against. */
export interface Given {
  readonly kind: ServerKind
  /** In a test: the server that is shared by all tests of the suite. */
  server(): Server
  /** In a test: a path that no other test uses. Nobody has created it. */
  newPath(): string
}

/** What a suite is. */
export interface EachServerSuite {
  readonly title: string
  readonly client: PeerNeed
  /** How many tests `body` declares for each server. */
  readonly testCount: number
}

const HOOK_MS = 60_000

/** Declares the suite twice. */
export function describeWithEachServer(suite: EachServerSuite, body: (given: Given) => void): void {
  const { title, client } = suite
  describePeer(`${title} with zoolet`, client, () => declare('zoolet', suite, body))
  describePeer(`${title} with the real server`, withApache(client), () => declare('apache', suite, body))
}

function declare(kind: ServerKind, { testCount }: EachServerSuite, body: (given: Given) => void): void {
  let server: Server | undefined
  let pathCount = 0
  beforeAll(async () => {
    server = await startServer(kind)
  }, HOOK_MS)
  afterAll(async () => {
    await server?.stop()
  })
  body({
    kind,
    server: () => {
      if (server === undefined) throw new Error('The server did not start')
      return server
    },
    newPath: () => `/test${++pathCount}`,
  })
  it(`these are ${testCount} tests`, ({ task }) => {
    expect(task.suite?.tasks.filter((each) => each !== task)).toHaveLength(testCount)
  })
}

function withApache(client: PeerNeed): PeerNeed {
  return {
    name: `${client.name} and ${APACHE_SERVER.name}`,
    find: () => client.find() && APACHE_SERVER.find(),
    install: `${APACHE_SERVER.install} && ${client.install}`,
  }
}
