/**
 * The texts of the four-letter words against what a real server, 3.8.0 of Debian on Java 17, answered in the same state, and
 * against the expressions with which monitors take them apart.
 */
import { describe, expect, it } from 'vitest'
import type { FourLetterFacts } from '../../src/node/four-letter-reports.js'
import { FOUR_LETTER_WORDS, type FourLetterWord } from '../../src/node/four-letter-words.js'
import { a, b, cnxn, latency, recorded, reportsOf, watch, who } from './four-letter-facts.js'

const CONF = `clientPort=56653
secureClientPort=-1
dataDir=/var/lib/zookeeper/version-2
dataDirSize=67109337
dataLogDir=/var/lib/zookeeper/version-2
dataLogSize=67109337
tickTime=2000
maxClientCnxns=60
minSessionTimeout=4000
maxSessionTimeout=40000
clientPortListenBacklog=-1
serverId=0
`

// The connection that asks is not selected any more, hence [0].
const CONS = ` /127.0.0.1:46696[1](queued=0,recved=0,sent=0)
 /127.0.0.1:46692[1](queued=0,recved=4,sent=4,sid=0x10000a8d5390001,lop=EXIS,est=1795227447353,to=4000,lcxid=0x3,lzxid=0x8,lresp=11205833,llat=2,minlat=0,avglat=1,maxlat=3)
 /127.0.0.1:46682[1](queued=0,recved=9,sent=9,sid=0x10000a8d5390000,lop=GETC,est=1795227447315,to=10000,lcxid=0x8,lzxid=0x8,lresp=11205838,llat=1,minlat=0,avglat=4,maxlat=14)
 /127.0.0.1:46708[0](queued=0,recved=1,sent=0)
 /127.0.0.1:46694[1](queued=0,recved=1,sent=1,sid=0x10000a8d5390002,lop=SESS,est=1795227447362,to=4000,lcxid=0x0,lzxid=0x3,lresp=11205786,llat=1,minlat=0,avglat=1,maxlat=1)

`

// After crst, as soon as one client had pinged: its last xid is gone, the other's last zxid is -1.
const CONS_AFTER_RESET = ` /127.0.0.1:46692[1](queued=0,recved=1,sent=1,sid=0x10000a8d5390001,lop=PING,est=1795227447353,to=4000,lzxid=0x8,lresp=11206883,llat=1,minlat=1,avglat=1,maxlat=1)
 /127.0.0.1:46682[1](queued=0,recved=0,sent=0,sid=0x10000a8d5390000,lop=NA,est=1795227447315,to=10000,lzxid=0xffffffffffffffff,lresp=0,llat=0,minlat=0,avglat=0,maxlat=0)

`

const DUMP = `SessionTracker dump:
Session Sets (2)/(3):
2 expire at Sat Nov 21 02:17:31 UTC 2026:
	0x10000a8d5390001
	0x10000a8d5390002
1 expire at Sat Nov 21 02:17:37 UTC 2026:
	0x10000a8d5390000
ephemeral nodes dump:
Sessions with Ephemerals (2):
0x10000a8d5390001:
	/ephb
0x10000a8d5390000:
	/a/eph2
	/eph1
Connections dump:
Connections Sets (2)/(5):
2 expire at Sat Nov 21 02:17:31 UTC 2026:
	ip: /127.0.0.1:46692 sessionId: 0x10000a8d5390001
	ip: /127.0.0.1:46694 sessionId: 0x10000a8d5390002
3 expire at Sat Nov 21 02:17:41 UTC 2026:
	ip: /127.0.0.1:46738 sessionId: 0x0
	ip: /127.0.0.1:46696 sessionId: 0x0
	ip: /127.0.0.1:46682 sessionId: 0x10000a8d5390000
`

// The real server has its own deadlines for connections, in steps of 10 s.
const DUMP_CONNECTIONS = `Connections Sets (3)/(5):
2 expire at Sat Nov 21 02:17:31 UTC 2026:
	ip: /127.0.0.1:46692 sessionId: 0x10000a8d5390001
	ip: /127.0.0.1:46694 sessionId: 0x10000a8d5390002
1 expire at Sat Nov 21 02:17:37 UTC 2026:
	ip: /127.0.0.1:46682 sessionId: 0x10000a8d5390000
2 expire at no set time:
	ip: /127.0.0.1:46696 sessionId: 0x0
	ip: /127.0.0.1:46708 sessionId: 0x0
`

const MNTR = `zk_version	3.8.0-\${mvngit.commit.id}, built on 2024-12-29 17:54 UTC
zk_server_state	standalone
zk_ephemerals_count	3
zk_num_alive_connections	5
zk_avg_latency	3.5
zk_outstanding_requests	0
zk_znode_count	10
zk_global_sessions	3
zk_non_mtls_remote_conn_count	0
zk_last_client_response_size	54
zk_packets_sent	35
zk_packets_received	37
zk_max_client_response_size	93
zk_connection_drop_probability	0.0
zk_watch_count	6
zk_auth_failed_count	0
zk_min_latency	1
zk_max_file_descriptor_count	20000
zk_approximate_data_size	76
zk_open_file_descriptor_count	46
zk_local_sessions	0
zk_uptime	141828
zk_max_latency	14
zk_outstanding_tls_handshake	0
`

const SRVR = `Zookeeper version: 3.8.0-\${mvngit.commit.id}, built on 2024-12-29 17:54 UTC
Latency min/avg/max: 0/0.0/0
Received: 1
Sent: 1
Connections: 5
Outstanding: 0
Zxid: 0x8
Mode: standalone
Node count: 10
`

const STAT = `Zookeeper version: 3.8.0-\${mvngit.commit.id}, built on 2024-12-29 17:54 UTC
Clients:
 /127.0.0.1:45616[0](queued=0,recved=1,sent=0)

Latency min/avg/max: 0/4.2/15
Received: 33
Sent: 34
Connections: 1
Outstanding: 0
Zxid: 0xb
Mode: standalone
Node count: 7
`

const WCHC = `0x10000a8d5390001
	/a
	/missing
0x10000a8d5390000
	/a
	/a/b

`

const WCHP = `/a
	0x10000a8d5390001
	0x10000a8d5390000
/missing
	0x10000a8d5390001
/a/b
	0x10000a8d5390000

`

const WCHS = '2 connections watching 3 paths\nTotal watches:4\n'
const NO_WCHS = '0 connections watching 0 paths\nTotal watches:0\n'
const DIRS = 'datadir_size: 457\nlogdir_size: 457\n'
describe('a word answers as the real server did', () => {
  it('conf with those lines that mean something here', () => {
    const answer = ask('conf')

    expect(answer).toBe(linesOf(CONF, /^(clientPort|tickTime|max.*|min.*|serverId)=/))
  })

  it('cons with every figure of each connection', () => {
    const answer = ask('cons')

    expect(answer).toBe(CONS.replace('[0]', '[1]'))
  })

  it('cons without a last xid where no request but a ping came since the reset', () => {
    const pinged = cnxn({
      ...who.b,
      received: 1,
      sent: 1,
      lastOperation: 'PING',
      lastZxid: 8n,
      lastResponseMs: 11206883,
      lastLatencyMs: 1,
      latency: latency(1, 1, 1, 1),
    })

    const answer = ask('cons', { cnxns: [pinged, cnxn(who.a)] })

    expect(answer).toBe(CONS_AFTER_RESET)
  })

  it('dump with sessions by deadline and their ephemerals', () => {
    const answer = ask('dump')

    const [sessions] = answer.split('Connections dump:\n')
    expect(sessions).toBe(DUMP.split('Connections dump:\n')[0])
  })

  it('dump with connections in the same lines, but by the deadline of their session', () => {
    const answer = ask('dump')

    const [, connections] = answer.split('Connections dump:\n')
    expect(connections).toBe(DUMP_CONNECTIONS)
  })

  it('mntr with a part of its keys, in its order and with its values', () => {
    const answer = ask('mntr', { latency: latency(14, 49, 1, 14), received: 37, sent: 35 })

    const keys = answer.split('\n').map((line) => line.split('\t')[0])
    const captured = MNTR.split('\n').filter((line) => keys.includes(line.split('\t')[0]))
    expect(answer.split('\n').slice(1)).toEqual(captured.slice(1))
    expect(keys).toHaveLength(16)
  })

  it('srvr but for the version', () => {
    const answer = ask('srvr')

    expect(versionless(answer)).toBe(versionless(SRVR))
  })

  it('stat but for the version', () => {
    const answer = ask('stat', {
      cnxns: [cnxn({ remotePort: 45616, received: 1 })],
      latency: latency(10, 42, 0.4, 15.9),
      received: 33,
      sent: 34,
      reports: reportsOf({ counts: { zxid: 0xbn, znodes: 7 } }),
    })

    expect(versionless(answer)).toBe(versionless(STAT).replace('[0]', '[1]'))
  })

  it.each([
    ['wchc', WCHC],
    ['wchp', WCHP],
    ['wchs', WCHS],
  ] as const)('%s with the data watches only', (word, captured) => {
    expect(ask(word)).toBe(captured)
  })

  it.each([
    ['wchc', '\n'],
    ['wchp', '\n'],
    ['wchs', NO_WCHS],
  ] as const)('%s where nobody watches data', (word, captured) => {
    const bare = reportsOf({ watches: [watch(a, '/', 'child')] })

    expect(ask(word, { reports: bare })).toBe(captured)
  })

  it.each([
    ['dirs', DIRS.replaceAll('457', '0')],
    ['gtmk', '306'],
    ['hash', ''],
    ['isro', 'rw'],
    ['ruok', 'imok'],
  ] as const)('%s', (word, captured) => {
    expect(ask(word)).toBe(captured)
  })

  it('has no sessions, no ephemerals and no connections to dump on an idle server', () => {
    const answer = ask('dump', { cnxns: [], reports: reportsOf({ sessions: [] }) })

    expect(answer).toBe(
      'SessionTracker dump:\nSession Sets (0)/(0):\nephemeral nodes dump:\n' +
        'Sessions with Ephemerals (0):\nConnections dump:\nConnections Sets (0)/(0):\n',
    )
  })
})

describe('an answer', () => {
  it('puts what has no deadline last, and says so', () => {
    const answer = ask('dump', { deadlineMsOf: (id) => (id === b ? Number.POSITIVE_INFINITY : 0) })

    expect(answer.split('\n').slice(1, 7)).toEqual([
      'Session Sets (2)/(3):',
      '2 expire at Thu Jan 01 00:00:00 UTC 1970:',
      '\t0x10000a8d5390002',
      '\t0x10000a8d5390000',
      '1 expire at no set time:',
      '\t0x10000a8d5390001',
    ])
  })

  it('puts an IPv6 address in brackets', () => {
    const answer = ask('cons', { cnxns: [cnxn({ remoteAddress: '::1', remotePort: 48140 })] })

    expect(answer).toBe(' /[::1]:48140[1](queued=0,recved=0,sent=0)\n\n')
  })

  it('prints a session id with the highest bit as an unsigned number', () => {
    const answer = ask('wchp', { reports: reportsOf({ watches: [watch(-1n, '/a', 'data')] }) })

    expect(answer).toBe('/a\n\t0xffffffffffffffff\n\n')
  })

  it.each([
    [1, 0, '0.0'],
    [7, 5, '0.7143'],
    [2, 24, '12.0'],
  ])('prints the average of %i requests in %i ms as a Java double: %s', (count, totalMs, text) => {
    const answer = ask('mntr', { latency: latency(count, totalMs, 0, 12) })

    expect(answer).toContain(`zk_avg_latency\t${text}\n`)
  })

  it('prints a latency of 0 where nothing was replied to yet', () => {
    const answer = ask('mntr', { latency: latency(0, 0, Number.POSITIVE_INFINITY, 0) })

    expect(linesOf(answer, /latency/)).toBe('zk_avg_latency\t0.0\nzk_min_latency\t0\nzk_max_latency\t0\n')
  })

  it('tells of the environment nothing about the machine that its owner would not publish', () => {
    const answer = ask('envi')

    expect(answer).toBe(
      'Environment:\nzookeeper.version=3.9.0-zoolet-0.1.0, built on 1970-01-01 00:00 UTC\n' +
        'node.version=20.19.4\nos.name=Linux\nos.arch=x64\n',
    )
  })
})

describe('the expressions of existing monitors find what they look for', () => {
  it.each([
    ['aiozk', 'srvr', /^Zookeeper version: (\d+)\.(\d+)\.(\d+)-.*/, ['3', '9', '0']],
    ['Datadog', 'stat', /^Zookeeper version: ([^.]+)\.([^.]+)\.([^-]+)/i, ['3', '9', '0']],
    ['kazoo', 'envi', /^zookeeper\.version=([\d.]*)/m, ['3.9.0']],
    ['OpenVAS', 'srvr', /Zookeeper version: ([0-9.]+)/, ['3.9.0']],
    [
      'go-zookeeper',
      'srvr',
      /^Zookeeper version: ([A-Za-z0-9.-]+), built on (\d{4}-\d\d-\d\d \d\d:\d\d [A-Za-z0-9:+-]+).*\nLatency min\/avg\/max: (\d+)\/([0-9.]+)\/(\d+).*\nReceived: (\d+).*\nSent: (\d+).*\nConnections: (\d+).*\nOutstanding: (\d+).*\nZxid: (0x[A-Za-z0-9]+).*\nMode: (\w+).*\nNode count: (\d+)/,
      ['3.9.0-zoolet-0.1.0', '1970-01-01 00:00 UTC', ...'0 0.0 0 1 1 5 0 0x8 standalone 10'.split(' ')],
    ],
    [
      'go-zookeeper',
      'cons',
      /^ \/((?:\d+\.){3}\d+:\d+)\[\d+\]\(queued=(\d+),recved=(\d+),sent=(\d+),sid=(0x[A-Za-z0-9]+),lop=(\w+),est=\d+,to=\d+,lcxid=(0x[A-Za-z0-9]+),lzxid=(0x[A-Za-z0-9]+),lresp=\d+,llat=\d+,minlat=\d+,avglat=\d+,maxlat=(\d+)\)$/m,
      ['127.0.0.1:46692', '0', '4', '4', '0x10000a8d5390001', 'EXIS', '0x3', '0x8', '3'],
    ],
  ] as const)('%s in %s', (_monitor, word, expression, found) => {
    expect(expression.exec(ask(word))?.slice(1)).toEqual(found)
  })

  it('Telegraf and the Prometheus exporters in every line of mntr', () => {
    const lines = ask('mntr').trimEnd().split('\n')

    expect(lines.filter((line) => !/^zk_(\w+)\s+([\w.-]+)/.test(line))).toEqual([])
    expect(lines.filter((line) => line.split('\t').length !== 2)).toEqual([])
  })

  it('Solr in every line of conf', () => {
    const lines = ask('conf').trimEnd().split('\n')

    expect(lines.filter((line) => line.split('=').length !== 2)).toEqual([])
  })
})

function ask(word: FourLetterWord, changes: Partial<FourLetterFacts> = {}): string {
  return FOUR_LETTER_WORDS[word].answer(recorded(changes).facts, new Uint8Array(0))
}

function linesOf(text: string, wanted: RegExp): string {
  return text.replace(/^.*\n/gm, (line) => (wanted.test(line) ? line : ''))
}

function versionless(text: string): string {
  return text.replace(/^Zookeeper version: \S+, built on [-\d]+ [:\d]+ UTC\n/, '')
}
