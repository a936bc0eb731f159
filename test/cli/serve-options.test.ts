/** The options of `zoolet serve` as a table: what each line makes, and what each wrong one is told. */
import { describe, expect, it } from 'vitest'
import { readServeOptions, SERVE_OPTIONS } from '../../src/cli/serve-options.js'
import { digestId, EmbeddedZooKeeper } from '../../src/index.js'

const DIGEST = digestId('super:secret')
const MS = 'give a whole number from 1 to 2147483647'
const PORT = 'give a whole number from 0 to 65535'
const HELP = 'see zoolet serve --help'
const DIGEST_FAULT =
  "invalid --super-digest: give user and digest, super:xQJmxLMiHGwaqBvst5y6rkB6HQs= for example, as digestId('super:password') of zoolet gives it"
const WORDS_FAULT = 'give words such as srvr,ruok,mntr, or * for all'

const good: readonly (readonly [line: string, made: object])[] = [
  ['', { places: [{ host: '127.0.0.1', port: 2181 }], isVerbose: false }],
  ['--port 0', { places: [{ host: '127.0.0.1', port: 0 }] }],
  ['--port=65535 --host ::1', { places: [{ host: '::1', port: 65_535 }] }],
  ['--host 0.0.0.0', { places: [{ host: '0.0.0.0', port: 2181 }] }],
  ['--unix run/z', { places: [{ path: 'run/z' }] }],
  ['--unix run/z --port 1', { places: [{ host: '127.0.0.1', port: 1 }, { path: 'run/z' }] }],
  [`--unix ${'z'.repeat(103)}`, { places: [{ path: 'z'.repeat(103) }] }],
  ['--unix=-z', { places: [{ path: '-z' }] }],
  ['--tick-time 100', { server: { tickTimeMs: 100 } }],
  ['--min-session-timeout 40000', { server: { minSessionTimeoutMs: 40_000 } }],
  ['--max-session-timeout 4000', { server: { maxSessionTimeoutMs: 4000 } }],
  ['--tick-time 100 --min-session-timeout 2000', { server: { tickTimeMs: 100, minSessionTimeoutMs: 2000 } }],
  ['--tick-time 107374182', { server: { tickTimeMs: 107_374_182 } }],
  ['--compatibility 3.8', { server: { compatibility: '3.8' } }],
  ['--compatibility 3.9', { server: { compatibility: '3.9' } }],
  ['--container-check-interval 1', { server: { containerCheckIntervalMs: 1 } }],
  ['--enforce-quota', { server: { enforceQuota: true } }],
  ['--verbose', { isVerbose: true, server: { enforceQuota: false } }],
  [`--super-digest ${DIGEST}`, { server: { superDigest: DIGEST } }],
  ['--max-client-cnxns 5', { maxClientCnxns: 5 }],
  ['--max-client-cnxns 0', { maxClientCnxns: Number.POSITIVE_INFINITY }],
  ['--four-letter-words mntr', { fourLetterWords: ['mntr'] }],
  ['--four-letter-words srvr,mntr', { fourLetterWords: ['srvr', 'mntr'] }],
  ['--four-letter-words *', { fourLetterWords: '*' }],
  ['--four-letter-words=', { fourLetterWords: [] }],
  ['--load a.json', { loadPath: 'a.json' }],
  ['--tls-cert a --tls-key b', { tls: { certPath: 'a', keyPath: 'b' } }],
  ['--tls-cert a --tls-key b --port 1 --unix c', { tls: { certPath: 'a', keyPath: 'b' } }],
]

const bad: readonly (readonly [line: string, message: string])[] = [
  ['--prot 1', `unknown option --prot: ${HELP}`],
  ['-p 1', `unknown option -p: ${HELP}`],
  ['--no-verbose', `unknown option --no-verbose: ${HELP}`],
  ['--constructor', `unknown option --constructor: ${HELP}`],
  ['2181', `unexpected "2181": zoolet serve takes options only, ${HELP}`],
  ['--verbose yes', `unexpected "yes": zoolet serve takes options only, ${HELP}`],
  ['-- --port', `unexpected "--port": zoolet serve takes options only, ${HELP}`],
  ['--verbose=yes', '--verbose takes no value, but "yes" is given'],
  ['--port', '--port needs a value: --port PORT'],
  ['--port --verbose', '--port needs a value: --port PORT'],
  ['--load -v', '--load needs a value: --load FILE'],
  ['--port 1 --port 1', '--port is given twice: give it once'],
  ['--port 65536', `invalid --port "65536": ${PORT}`],
  ['--port -1', `invalid --port "-1": ${PORT}`],
  ['--port 21.5', `invalid --port "21.5": ${PORT}`],
  ['--port 0x10', `invalid --port "0x10": ${PORT}`],
  ['--port 1e3', `invalid --port "1e3": ${PORT}`],
  ['--port=', `invalid --port "": ${PORT}`],
  ['--port http', `invalid --port "http": ${PORT}`],
  ['--port \u001b[2J', `invalid --port "\\u001b[2J": ${PORT}`],
  ['--host=', 'invalid --host "": give a value that is not empty'],
  ['--unix=', 'invalid --unix "": give a value that is not empty'],
  [`--unix ${'é'.repeat(52)}`, `invalid --unix "${'é'.repeat(52)}": give a path of at most 103 bytes`],
  ['--load=', 'invalid --load "": give a value that is not empty'],
  ['--unix run/z --host ::1', '--host is for a port: give --port too, or leave it out beside --unix'],
  ['--tick-time 0', 'invalid --tick-time "0": give a whole number from 1 to 107374182'],
  ['--tick-time 107374183', 'invalid --tick-time "107374183": give a whole number from 1 to 107374182'],
  ['--min-session-timeout 0', `invalid --min-session-timeout "0": ${MS}`],
  ['--max-session-timeout 2147483648', `invalid --max-session-timeout "2147483648": ${MS}`],
  ['--compatibility 3.7', 'invalid --compatibility "3.7": give 3.8 or 3.9'],
  ['--container-check-interval 0', `invalid --container-check-interval "0": ${MS}`],
  [
    '--min-session-timeout 5 --max-session-timeout 4',
    '--min-session-timeout 5 is over --max-session-timeout 4: lower the first or raise the second',
  ],
  [
    '--min-session-timeout 40001',
    '--min-session-timeout 40001 is over --max-session-timeout 40000 (20 ticks unless given): lower the first or raise the second',
  ],
  [
    '--tick-time 10 --max-session-timeout 19',
    '--min-session-timeout 20 (2 ticks unless given) is over --max-session-timeout 19: lower the first or raise the second',
  ],
  ['--max-client-cnxns many', 'invalid --max-client-cnxns "many": give a whole number from 0 to 2147483647'],
  ['--super-digest super:secret', DIGEST_FAULT],
  ['--super-digest secret', DIGEST_FAULT],
  [`--super-digest ${DIGEST}=`, DIGEST_FAULT],
  ['--four-letter-words ruok,,srvr', `invalid --four-letter-words "ruok,,srvr": ${WORDS_FAULT}`],
  ['--four-letter-words ruok,*', `invalid --four-letter-words "ruok,*": ${WORDS_FAULT}`],
  ['--four-letter-words RUOK', `invalid --four-letter-words "RUOK": ${WORDS_FAULT}`],
  ['--tls-cert a', '--tls-cert needs its private key: give --tls-key FILE too'],
  ['--tls-key a', '--tls-key needs a certificate: give --tls-cert FILE too'],
  [
    '--tls-cert a --tls-key b --unix c',
    '--tls-cert is for a port, and a Unix socket stays plain: give --port too, or leave it out',
  ],
]

describe('a command line', () => {
  it.each(good)('zoolet serve %s is understood', (line, made) => {
    expect(readServeOptions(words(line))).toMatchObject(made)
  })

  it.each(bad)('zoolet serve %s is refused', (line, message) => {
    expect(() => readServeOptions(words(line))).toThrow(
      expect.objectContaining({ name: 'CommandError', exitCode: 2, message }),
    )
  })

  it('makes a server whatever good line is given', async () => {
    for (const [line] of good) {
      const zoo = new EmbeddedZooKeeper(readServeOptions(words(line)).server)
      await zoo.close()
    }
  })

  it('leaves to the server and the listener what is not given', () => {
    const { server, maxClientCnxns, fourLetterWords, tls, loadPath } = readServeOptions([])

    expect(Object.values(server).filter((value) => value !== undefined)).toEqual([false])
    expect([maxClientCnxns, fourLetterWords, tls, loadPath]).toEqual(Array(4).fill(undefined))
  })

  it('with spaces in a value keeps them, and drops those around four-letter words', () => {
    const { loadPath, fourLetterWords } = readServeOptions([
      '--load',
      'my tree',
      '--four-letter-words',
      'ruok, srvr',
    ])

    expect([loadPath, fourLetterWords]).toEqual(['my tree', ['ruok', 'srvr']])
  })
})

describe('a refusal', () => {
  it('does not show what may be a password', () => {
    expect(() => readServeOptions(['--super-digest', 'super:secret'])).toThrow(/^(?!.*secret)/)
  })

  it('is one line whatever is quoted', () => {
    expect(() => readServeOptions(['--port', 'a\nb\u0085c\u2028d'])).toThrow(
      'invalid --port "a\\nb\\u{85}c\\u{2028}d"',
    )
  })
})

describe('the table', () => {
  it('has a test of a good value for each option but the help', () => {
    const tested = new Set(
      good.flatMap(([line]) => [...line.matchAll(/--([a-z-]+)/g)].map(([, name]) => name)),
    )

    expect([...tested].sort()).toEqual(
      Object.keys(SERVE_OPTIONS)
        .filter((name) => name !== 'help')
        .sort(),
    )
  })
})

function words(line: string): string[] {
  return line === '' ? [] : line.split(' ')
}
