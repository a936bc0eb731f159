/**
 * kazoo's own tests, unmodified, on a server that runs already; peer_cluster.py puts it in the place of their ensemble. expected.json
 * names those that need no more than a server. They pass on Apache ZooKeeper 3.8 (PEER_SERVER=apache shows it), so they have to here.
 * Those that race with the server by their own making, named there with the reason, have to win once in RACE_ATTEMPTS.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describePeer, type ServeProcess } from '../peer.js'
import expected from './expected.json' with { type: 'json' }
import { KAZOO_TESTS, KAZOO_WITH_PYTEST, runPython, startServer } from './kazoo-peer.js'

const RACE_ATTEMPTS = 5
const races: Readonly<Record<string, string>> = expected.races

const files = Object.entries(expected.mustPass).map(([file, classes]) => ({
  file,
  names: namesOf(file, classes),
}))

describePeer(`kazoo's own tests, as of kazoo ${expected.kazoo}`, KAZOO_WITH_PYTEST, () => {
  let server: ServeProcess
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.stop())

  for (const { file, names } of files) {
    it(`${file}: ${names.length} tests pass`, async () => {
      let { failed, log } = await runTests(server, names)
      for (let attempt = 2; failed.some((name) => name in races) && attempt <= RACE_ATTEMPTS; attempt += 1) {
        const raced = await runTests(
          server,
          failed.filter((name) => name in races),
        )
        failed = failed.filter((name) => !(name in races) || raced.failed.includes(name))
        log += raced.log
      }

      expect(failed, log).toEqual([])
    })
  }

  it(`are ${expected.count}, and not fewer`, () => {
    expect(files.reduce((sum, { names }) => sum + names.length, 0)).toBe(expected.count)
  })
})

function namesOf(file: string, classes: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.entries(classes).flatMap(([name, tests]) => tests.map((test) => `${file}::${name}::${test}`))
}

/** Runs tests by their names and says which did not pass; one that did not run is among them. */
async function runTests(
  server: ServeProcess,
  names: readonly string[],
): Promise<{ failed: string[]; log: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'zoolet-kazoo-'))
  const results = join(folder, 'results.json')
  try {
    const { stdout, stderr } = await runPython(
      server,
      [
        ...['-m', 'pytest', '-p', 'peer_cluster', '-p', 'no:cacheprovider', '-q', '--tb=short'],
        ...['-o', 'faulthandler_timeout=60', `--rootdir=${KAZOO_TESTS}`],
        ...names.map((name) => `${KAZOO_TESTS}/${name}`),
      ],
      { KAZOO_PEER_RESULTS: results, KAZOO_PEER_STOPPED: JSON.stringify(expected.stopTheirServer) },
    )
    const outcomes: Readonly<Record<string, string>> = JSON.parse(readFileSync(results, 'utf8'))
    return { failed: names.filter((name) => outcomes[name] !== 'passed'), log: stdout + stderr }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
