/**
 * Debian's zkCli.sh, driven through its standard input, against `zoolet serve` and against the real server: after every command both
 * have to have said the same. zxids are compared as they are, both servers being fresh; times are not.
 */
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describePeer, run } from '../peer.js'
import { APACHE_SERVER, type Server, type ServerPair, startPair } from './server-pair.js'

const ZK_CLI = '/usr/share/zookeeper/bin/zkCli.sh'
const NEED = {
  name: 'zkCli.sh of Apache ZooKeeper',
  find: () => existsSync(ZK_CLI) && APACHE_SERVER.find(),
  install: 'apt-get install zookeeper',
}
const RUN_MS = 60_000
const HOOK_MS = 180_000

const SESSION = [
  'create /a hello',
  'create /a again',
  'create -e /a/e ephemeral',
  'create -s /a/s- sequential',
  'create -s -e /a/es- both',
  'create -c /a/c container',
  'create -c -e /a/x neither',
  'create -t 3600000 /a/t ttl',
  'create -s -t 3600000 /a/st- ttl',
  'create -t 3600000 -e /a/x neither',
  'create /a/d data world:anyone:cdrwa',
  'create /a/e/x child',
  'create /none/x parent',
  'create relative path',
  'create /words "two words"',
  'get /words',
  'set /words ""',
  'get /words',
  'ls /a',
  'ls -s /a',
  'ls -w /a',
  'ls -R /',
  'ls /none',
  'ls -R /none',
  'get /a',
  'get -s /a',
  'get -w /a',
  'get /none',
  'set /a v1',
  'set -v 1 /a v2',
  'set -v 1 /a v3',
  'set -s /a v4',
  'set /none x',
  'stat /a',
  'stat /none',
  'stat -w /late',
  'create /late',
  'delete -v 3 /late',
  'delete -v 0 /late',
  'delete /a',
  'delete /',
  'delete /zookeeper',
  'deleteall /a/d',
  'deleteall /none',
  'create /tree',
  'create /tree/1',
  'create /tree/1/2',
  'create /tree/1/2/3',
  'getAllChildrenNumber /tree',
  'deleteall /tree -b 2',
  'getAllChildrenNumber /tree',
  'getAcl /a',
  'getAcl -s /a',
  'getAcl /none',
  'setAcl -s /a world:anyone:cdra',
  'set /a refused',
  'setAcl -v 7 /a world:anyone:cdrwa',
  'setAcl -R /a world:anyone:cdrwa',
  'getAcl /a/t',
  'create /early x auth::cdrwa',
  'whoami',
  'addauth digest user:pass',
  'whoami',
  'create /mine secret auth::cdrwa',
  'getAcl /mine',
  'get /mine',
  'create /other secret digest:u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ=:r',
  'get /other',
  'getAcl /other',
  'stat /other',
  'create /bad secret nonsense:u:r',
  'sync /a',
  'sync /none',
  'addWatch /w1',
  'addWatch -m PERSISTENT /w2',
  'addWatch -m PERSISTENT_RECURSIVE /w3',
  'addWatch -m NONSENSE /w4',
  'create /w1',
  'create /w1/c',
  'create /w2',
  'create /w2/c',
  'set /w2/c x',
  'create /w3',
  'create /w3/c',
  'set /w3/c x',
  'delete /w3/c',
  'removewatches /w1',
  'create /w1/d',
  'removewatches -a /w2',
  'removewatches -a /w2',
  'removewatches /none',
  'get -w /w2',
  'removewatches -d /w2',
  'ls -w /w2',
  'removewatches -c /w2',
  'getEphemerals',
  'getEphemerals /a/es',
  'getEphemerals /none',
  'getAllChildrenNumber /',
  'getAllChildrenNumber /none',
  'create /q',
  'setquota -n 3 /q',
  'listquota /q',
  'delquota -n /q',
  'setquota -b 100 /q',
  'listquota /q',
  'delquota -b /q',
  'delquota /q',
  'setquota -N 2 /q',
  'setquota -B 10 /q',
  'listquota /q',
  'create /q/1 x',
  'create /q/2 x',
  'set /q/1 12345678901',
  'set /q/1 123456789',
  'listquota /q',
  'delquota /q',
  'listquota /q',
  'setquota -n 3 /none',
  'setquota -n 3 /',
  'listquota /none',
  'config',
  'config -s',
  'get /zookeeper/config',
  'reconfig -remove 1',
  'stat /',
  'stat /zookeeper',
  'getAcl -s /zookeeper/config',
  'sync /',
] as const

/** Where the two say something else, with what zoolet says. */
const DIFFERENCES = [
  {
    command: 'stat /other',
    zoolet: 'Insufficient permission : /other',
    reason: 'exists needs READ from 3.8.4 and 3.9.2 on; this real server is 3.8.0',
  },
  {
    command: 'getEphemerals',
    zoolet: '[/a/e, /a/es-0000000002]',
    reason: 'D11: in the order of their creation, not of a hash set',
  },
] as const

/** One call each, as a script would make it. */
const ONE_SHOTS: readonly (readonly string[])[] = [
  ['ls', '/'],
  ['create', '/shot', 'data'],
  ['get', '/shot'],
  ['get', '/none'],
  ['delete', '/shot'],
  ['stat', '-w', '/'],
]

/** Fewer fails. */
const COMMAND_COUNT = 129
const EVENT_COUNT = 17

describePeer('zkCli.sh', NEED, () => {
  const servers = withServers()
  const talks = beforehand(async () => {
    const { zoolet, apache } = servers()
    return { zoolet: await talk(zoolet), apache: await talk(apache) }
  })

  describe('after a command says what it says to the real server', () => {
    it.each(SESSION.map((command, index) => ({ command, index })))('$command', ({ command, index }) => {
      const { zoolet, apache } = talks()

      const difference = DIFFERENCES.find((each) => each.command === command)
      expect(zoolet.answers[index]).toBe(difference?.zoolet ?? apache.answers[index])
      if (difference !== undefined) expect(apache.answers[index]).not.toBe(difference.zoolet)
    })
  })

  it(`answers ${COMMAND_COUNT} commands and ends well`, () => {
    const { zoolet, apache } = talks()

    expect(SESSION).toHaveLength(COMMAND_COUNT)
    expect(zoolet.answers).toHaveLength(COMMAND_COUNT)
    expect(apache.answers).toHaveLength(COMMAND_COUNT)
    expect([zoolet.code, apache.code]).toEqual([0, 0])
  })

  it(`prints the ${EVENT_COUNT} events that it prints with the real server`, () => {
    const { zoolet, apache } = talks()

    expect(zoolet.events).toEqual(apache.events)
    expect(zoolet.events).toHaveLength(EVENT_COUNT)
  })

  it.each(ONE_SHOTS.map((words) => ({ words })))(
    'with $words alone ends as with the real server',
    async ({ words }) => {
      const { zoolet, apache } = servers()

      const [outcome, expected] = await Promise.all([once(zoolet, words), once(apache, words)])

      expect(outcome).toEqual(expected)
      expect(outcome.code).toBeTypeOf('number')
    },
  )
})

/** Both servers, from before the first test to after the last. */
function withServers(): () => ServerPair {
  const pair = beforehand(startPair)
  afterAll(async () => pair().stop())
  return pair
}

/** What is made once, before the tests. */
function beforehand<Made>(make: () => Promise<Made>): () => Made {
  const made: Made[] = []
  beforeAll(async () => void made.push(await make()), HOOK_MS)
  return () => {
    const [first] = made
    if (first === undefined) throw new Error('The preparation of this suite failed')
    return first
  }
}

interface Talk {
  readonly code: number | null
  /** What was printed after each command, without the events. */
  readonly answers: readonly string[]
  readonly events: readonly string[]
}

/** A command of zkCli.sh that does nothing and says so: it ends each answer. */
const MARK = 'printwatches'
const MARKED = 'printwatches is on'

async function talk(server: Server): Promise<Talk> {
  const input = ['sync /', ...SESSION, 'quit'].flatMap((command) => [command, MARK])
  const { code, stdout } = await zkCli(server, [], input.join('\n'))
  const lines = stdout.split('\n')
  const events = lines.filter((line) => line.startsWith('WatchedEvent '))
  const spoken = lines.filter((line) => line !== '' && !/^(WATCHER::|WatchedEvent )/.test(line))
  const [, ...answers] = spoken.join('\n').split(MARKED)
  return { code, answers: answers.slice(0, -1).map((answer) => answer.trim()), events }
}

async function once(
  server: Server,
  words: readonly string[],
): Promise<{ code: number | null; said: string[] }> {
  const { code, stdout } = await zkCli(server, words, '')
  const said = stdout.split('\n').filter((line) => line !== '' && !/^(WATCHER::|WatchedEvent )/.test(line))
  return { code, said: said.slice(said.indexOf('Welcome to ZooKeeper!') + 1) }
}

/** Both outputs are one, in the order of their lines; times that differ from run to run are named. */
async function zkCli(
  server: Server,
  words: readonly string[],
  input: string,
): Promise<{ code: number | null; stdout: string }> {
  const script = 'exec "$0" "$@" 2>&1'
  const args = ['-c', script, ZK_CLI, '-server', server.connectString, ...words]
  const { code, stdout } = await run('bash', args, { input, timeoutMs: RUN_MS })
  const shown = stdout
    .split('\n')
    .filter((line) => !/^(SLF4J|Connecting to)/.test(line))
    .map((line) => line.replace(/^([cm]time) = .* 20\d\d$/, '$1 = NOW'))
  return { code, stdout: shown.join('\n') }
}
