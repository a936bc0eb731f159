/**
 * The Java program of facts/: compiled once for its text (the classes stay in the system's folder for temporary files), run against
 * a server, and read back as facts by section.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type PeerNeed, run } from '../peer.js'

/** What the program said: the facts of each section by their names, in order. */
export type FactsBySection = ReadonlyMap<string, ReadonlyMap<string, string>>

/** How the client connects: over plain TCP by Java's own sockets, or over TLS by Netty with the certificate of a file to trust. */
export type Connection = 'nio' | { readonly trustedPath: string }

const SOURCE_FOLDER = fileURLToPath(new URL('facts', import.meta.url))
const COMPILER = '/usr/bin/javac'
const JAVA = '/usr/bin/java'
const JARS = [
  'zookeeper',
  'zookeeper-jute',
  'zookeeper-recipes-lock',
  'zookeeper-recipes-queue',
  'zookeeper-recipes-election',
  // Netty's, which the manifest of zookeeper.jar leaves out.
  'netty-resolver',
  'netty-codec',
  'netty-transport-native-unix-common',
].map((name) => `/usr/share/java/${name}.jar`)
const COMPILE_MS = 60_000
const RUN_MS = 170_000

/** For `describePeer`. */
export const OFFICIAL_JAVA_CLIENT: PeerNeed = {
  name: 'the official Java client and a Java compiler',
  find: () => [COMPILER, JAVA, ...JARS].every((path) => existsSync(path)),
  install: 'apt-get install libzookeeper-java openjdk-17-jdk-headless',
}

/** Compiles the program unless that was done before, and gives the folder of its classes. */
export async function compileFacts(): Promise<string> {
  const names = readdirSync(SOURCE_FOLDER).filter((name) => name.endsWith('.java'))
  const sources = names.sort().map((name) => join(SOURCE_FOLDER, name))
  const hash = createHash('sha256')
  for (const path of sources) hash.update(readFileSync(path))
  const folder = join(tmpdir(), `zoolet-java-facts-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(folder)) return folder
  const unfinished = mkdtempSync(`${folder}-`)
  const args = ['-cp', JARS.join(':'), '-d', unfinished, ...sources]
  const { code, stderr } = await run(COMPILER, args, { timeoutMs: COMPILE_MS })
  if (code !== 0) throw new Error(`The Java program does not compile: ${stderr}`)
  place(unfinished, folder)
  return folder
}

/** Another process may have been faster; its classes are the same. */
function place(unfinished: string, folder: string): void {
  if (existsSync(folder)) rmSync(unfinished, { recursive: true })
  else renameSync(unfinished, folder)
}

/** Runs the program to its end. What the client itself logs is not read. @throws Error if it did not come to its end */
export async function tellFacts(
  classFolder: string,
  server: { readonly name: string; readonly connectString: string },
  connection: Connection,
): Promise<FactsBySection> {
  const args = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...secured(connection)]
  const classPath = ['-cp', [classFolder, ...JARS].join(':')]
  const outcome = await run(JAVA, [...args, ...classPath, 'Main', server.connectString], {
    timeoutMs: RUN_MS,
  })
  const lines = outcome.stdout.split('\n').filter((line) => line !== '')
  if (lines.at(-1) !== '# end') {
    const said = outcome.stderr.split('\n').filter((line) => !line.startsWith('SLF4J'))
    const place = `with ${server.name} after "${lines.at(-1)}"`
    throw new Error(`The Java program broke off ${place}: ${said.join('\n')}`)
  }
  return read(lines)
}

function secured(connection: Connection): string[] {
  if (connection === 'nio') return []
  return [
    '-Dzookeeper.client.secure=true',
    '-Dzookeeper.clientCnxnSocket=org.apache.zookeeper.ClientCnxnSocketNetty',
    `-Dzookeeper.ssl.trustStore.location=${connection.trustedPath}`,
  ]
}

function read(lines: readonly string[]): FactsBySection {
  const sections = new Map<string, Map<string, string>>()
  let facts = new Map<string, string>()
  for (const line of lines) {
    const title = /^# (.*)$/.exec(line)?.[1]
    if (title !== undefined) {
      facts = new Map()
      if (title !== 'end') sections.set(title, facts)
      continue
    }
    const end = line.indexOf(' = ')
    const name = line.slice(0, end)
    if (end < 0 || facts.has(name)) throw new Error(`Not a fact of its own: ${line}`)
    facts.set(name, line.slice(end + 3))
  }
  return sections
}
