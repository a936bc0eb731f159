/** The target `connect-string`: a text is a list of servers or a TypeError that quotes it, and soon. */
import { isDeepStrictEqual } from 'node:util'
import { formatServer, parseConnectString } from '../../../src/client/connect-string.js'
import { utf8 } from '../../../test/protocol/hex.js'
import { requireLaw, type Target } from '../target.js'

const SEEDS = [
  'localhost',
  'a:1,b:65535,c/chroot/of/it',
  '[::1]:2181,[fe80::1%eth0]/x',
  '127.0.0.1:2181 , host.example:02181',
  'unix:/run/zoolet.sock',
  '[1.2.3.4:5]:6',
]
const WORDS = [
  ...[
    ':',
    ',',
    '/',
    '//',
    '/.',
    '/..',
    '[',
    ']',
    '[::1]',
    '[:',
    '%',
    'unix:',
    ' ',
    '\t',
    '\n',
    '\0',
    '65536',
    ':0',
  ],
  ...[
    ':2181',
    '::::::::::::::::',
    'a'.repeat(200),
    '/'.repeat(50),
    '\u00a0',
    '\u2028',
    '😀',
    'K',
    'ſ',
    '[::K]',
  ],
]
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** An input is the text as UTF-8. */
export function createConnectStringTarget(): Target {
  return {
    name: 'connect-string',
    shape: { headBytes: 0, isFramed: false, words: WORDS.map(utf8) },
    seeds: SEEDS.map(utf8),
    regression: 'test/client/connect-string.test.ts',
    inputs: 100_000,
    batch: 4000,
    run: (input) => check(decoder.decode(input)),
  }
}

function check(text: string): void {
  const target = parseOrRefuse(text)
  if (target === undefined) return
  const { servers, chroot = '' } = target
  requireLaw(servers.length > 0, 'there is at least one server')
  for (const server of servers) {
    if ('path' in server) continue
    const isPort = Number.isInteger(server.port) && server.port > 0 && server.port < 65_536
    requireLaw(isPort && server.host !== '' && !/[\s,/]/.test(server.host), 'a server has a host and a port')
  }
  const again = parseConnectString(servers.map(formatServer).join(',') + chroot)
  requireLaw(isDeepStrictEqual(again, target), 'what was read can be written and read')
}

function parseOrRefuse(text: string): ReturnType<typeof parseConnectString> | undefined {
  try {
    return parseConnectString(text)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    requireLaw(error.message.startsWith('Invalid connect string '), 'a refusal says what is refused')
    return undefined
  }
}
