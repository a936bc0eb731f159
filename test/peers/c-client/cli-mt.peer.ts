/**
 * cli_mt, the shell of ZooKeeper's C client: what it prints on `zoolet serve` is what it prints on Apache ZooKeeper, word for word and
 * in the same order, but for zxids, times and session ids.
 */
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { APACHE_ZOOKEEPER, startApache } from '../apache-server.js'
import { describePeer, type ServeProcess, startServe } from '../peer.js'
import { CliMt } from './cli-mt.js'

const CLI_MT = {
  name: 'cli_mt and Apache ZooKeeper',
  find: () => existsSync(CliMt.path) && APACHE_ZOOKEEPER.find(),
  install: 'apt-get install zookeeper-bin zookeeper',
}

/** What one shell is told, in order: one test for each. */
const scripts: Readonly<Record<string, readonly string[]>> = {
  'creates a znode and refuses it a second time': ['create /a', 'create /a', 'create /x/y', 'ls /'],
  'creates with a Stat': ['create2 /a', 'create2 /a', 'create2 +e /e', 'create2 +s /s-'],
  'creates in every mode': [
    'create /a',
    'create +e /a/ephemeral',
    'create +s /a/sequence-',
    'create +es /a/both-',
    'create +c /a/container',
    'create +t=100000 /a/ttl',
    'create +st=100000 /a/ttl-',
    'create /a/ephemeral/child',
    'ls2 /a',
    'exists /a/ephemeral',
    'exists /a/container',
    'exists /a/ttl',
  ],
  'writes and reads data': [
    'create /a',
    'get /a',
    'set /a hello',
    'get /a',
    'set /a two words',
    'get /a',
    'set /a',
    'get /missing',
    'set /missing data',
  ],
  'lists children': [
    'create /a',
    'ls /a',
    'create /a/b',
    'create /a/c',
    'ls /a',
    'ls2 /a',
    'ls /missing',
    'ls2 /missing',
  ],
  deletes: [
    'create /a',
    'create /a/b',
    'delete /a',
    'delete /a/b',
    'delete /a',
    'delete /a',
    'delete /zookeeper',
  ],
  'says whether a znode exists': ['exists /a', 'create /a', 'exists /a'],
  'watches data': ['create /a', 'get /a', 'set /a 1', 'set /a 2', 'get /a', 'delete /a'],
  'watches children': [
    'create /a',
    'ls /a',
    'create /a/b',
    'create /a/c',
    'ls2 /a',
    'delete /a/b',
    'delete /a/c',
  ],
  'watches what does not exist yet': [
    'exists /a',
    'create /a',
    'wexists /a',
    'set /a 1',
    'wexists /a',
    'delete /a',
  ],
  'tells the end of a znode to all its watches': [
    'create /a',
    'create /a/b',
    'ls /a',
    'ls /a/b',
    'get /a/b',
    'delete /a/b',
  ],
  'does the same without waiting': [
    'acreate /a',
    'aset /a data',
    'aget /a',
    'acreate /a/b',
    'als /a',
    'als2 /a',
    'async /a',
    'aexists /a',
    'adelete /a/b',
    'adelete /a',
  ],
  syncs: ['sync /', 'create /a', 'sync /a', 'sync /missing'],
  'gives an identity': ['addauth digest user:password', 'create /a', 'get /a'],
  'reads the configuration': ['config'],
  'is refused a reconfiguration': ['reconfig -remove 1', 'reconfig -add 2=127.0.0.1:1:2;3'],
}

/** How many tests there are here. Fewer fail. */
const TEST_COUNT = 18

describePeer('cli_mt of the C client', CLI_MT, () => {
  let zoolet: ServeProcess
  let apache: ServeProcess
  beforeAll(async () => {
    zoolet = await startServe()
    apache = await startApache()
  })
  afterAll(() => Promise.all([zoolet.stop(), apache.stop()]))

  for (const [title, lines] of Object.entries(scripts)) {
    it(title, async () => {
      const place = `/place-${Object.keys(scripts).indexOf(title)}`
      const [here, there] = await Promise.all([zoolet, apache].map((server) => told(server, place, lines)))

      expect(here).toBe(there)
      expect(here).toContain('rc = ')
    })
  }

  it('hears of what another shell does', async () => {
    const [here, there] = await Promise.all([zoolet, apache].map(twoShells))

    expect(here).toEqual(there)
    expect(here).toHaveLength(5)
  })

  it(`is tried in ${TEST_COUNT} ways, and not fewer`, () => {
    expect(Object.keys(scripts).length + 2).toBe(TEST_COUNT)
  })
})

/** The whole transcript of a shell in an empty place. */
async function told(server: ServeProcess, place: string, lines: readonly string[]): Promise<string> {
  const root = await CliMt.start(server)
  await root.ask(`create ${place}`)
  await root.quit()
  const shell = await CliMt.start(server, place)
  const answers: string[] = []
  for (const line of lines) answers.push(`> ${line}\n${await shell.ask(line)}`)
  expect(await shell.quit()).toBe(0)
  return answers.join('')
}

/** What the watcher hears while the other changes things, and at the end of the other's session. */
async function twoShells(server: ServeProcess): Promise<string[]> {
  const watcher = await CliMt.start(server)
  const other = await CliMt.start(server)
  await watcher.ask('wexists /shared')
  const heard: string[] = []
  const news = async (line: string): Promise<void> => {
    other.say(line)
    heard.push(await watcher.event())
  }
  await news('create +e /shared')
  await watcher.ask('get /shared')
  await news('set /shared 1')
  await watcher.ask('get /shared')
  await watcher.ask('exists /shared')
  await other.quit()
  heard.push(await watcher.event())
  heard.push(await watcher.ask('get /shared'))
  await watcher.ask('ls /')
  await watcher.ask('create /own')
  heard.push(await watcher.ask('ls /'))
  await watcher.quit()
  return heard
}
