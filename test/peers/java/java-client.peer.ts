/**
 * The official Java client (3.8.0, Debian's) in a program of our own: every fact that it tells about `zoolet serve` has to be the
 * fact that it tells about the real server, over plain TCP and over TLS, but for the differences listed here with their reasons.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { CERTIFICATE, KEY } from '../../cli/certificates.js'
import { describePeer, startServe } from '../peer.js'
import { DIFFERENCES } from './java-differences.js'
import { compileFacts, type FactsBySection, OFFICIAL_JAVA_CLIENT, tellFacts } from './java-facts.js'
import { APACHE_SERVER, SERVE_ARGUMENTS, startPair } from './server-pair.js'

const NEED = {
  name: `${OFFICIAL_JAVA_CLIENT.name} and ${APACHE_SERVER.name}`,
  find: () => OFFICIAL_JAVA_CLIENT.find() && APACHE_SERVER.find(),
  install: `${OFFICIAL_JAVA_CLIENT.install} zookeeper`,
}
const HOOK_MS = 240_000

/** The sections of the program and how many facts each has to tell: fewer is a failure. */
const FACT_COUNTS = {
  create: 46,
  calls: 40,
  async: 21,
  multi: 25,
  acl: 52,
  'standard watches': 37,
  'lasting watches': 35,
  'removed watches': 47,
  chroot: 16,
  sessions: 30,
  reconnection: 74,
  expiry: 9,
  sweep: 6,
  quota: 13,
  recipes: 14,
} as const

interface Told {
  readonly apache: FactsBySection
  readonly zoolet: FactsBySection
  readonly zooletOverTls: FactsBySection
}

describePeer('the official Java client', NEED, () => {
  const told: Told[] = []
  beforeAll(async () => void told.push(await tellAll()), HOOK_MS)
  const getTold = (): Told => {
    const [all] = told
    if (all === undefined) throw new Error('The program was not run to its end')
    return all
  }

  it('tells the sections that it has to tell', () => {
    const { apache, zoolet, zooletOverTls } = getTold()

    for (const facts of [apache, zoolet, zooletOverTls]) expect(countsOf(facts)).toEqual(FACT_COUNTS)
  })

  describe.each(Object.entries(FACT_COUNTS))('%s: the %i facts of the real server', (section) => {
    it.each(['zoolet', 'zooletOverTls'] as const)('are those of %s, but for what is listed', (kind) => {
      const apache = Object.fromEntries(getTold().apache.get(section) ?? [])
      const zoolet = Object.fromEntries(getTold()[kind].get(section) ?? [])

      expect(zoolet).toEqual({ ...apache, ...DIFFERENCES[section]?.facts })
    })
  })

  it('finds each listed difference', () => {
    const { apache } = getTold()

    const idle = Object.entries(DIFFERENCES).flatMap(([section, { facts }]) =>
      Object.entries(facts).filter(([name, value]) => apache.get(section)?.get(name) === value),
    )

    expect(idle).toEqual([])
  })
})

/** The three at once: they wait most of the time. */
async function tellAll(): Promise<Told> {
  const folder = mkdtempSync(join(tmpdir(), 'zoolet-java-'))
  const trustedPath = join(folder, 'certificate.pem')
  const keyPath = join(folder, 'key.pem')
  writeFileSync(trustedPath, CERTIFICATE)
  writeFileSync(keyPath, KEY)
  const classFolder = await compileFacts()
  const pair = await startPair()
  const secure = await startServe([...SERVE_ARGUMENTS, '--tls-cert', trustedPath, '--tls-key', keyPath])
  try {
    const [apache, zoolet, zooletOverTls] = await Promise.all([
      tellFacts(classFolder, { name: 'the real server', ...pair.apache }, 'nio'),
      tellFacts(classFolder, { name: 'zoolet', ...pair.zoolet }, 'nio'),
      tellFacts(classFolder, { name: 'zoolet over TLS', ...secure }, { trustedPath }),
    ])
    return { apache, zoolet, zooletOverTls }
  } finally {
    await Promise.all([pair.stop(), secure.stop()])
    rmSync(folder, { recursive: true })
  }
}

function countsOf(facts: FactsBySection): Record<string, number> {
  return Object.fromEntries([...facts].map(([section, { size }]) => [section, size]))
}
