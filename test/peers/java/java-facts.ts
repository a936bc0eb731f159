/** The Java program of facts/: run against a server, and read back as facts by section. */
import { fileURLToPath } from 'node:url'
import { type PeerNeed, run } from '../peer.js'
import { compileJava, isJavaInstalled, JAVA, JAVA_ARGUMENTS, jarPaths } from './java-program.js'

/** What the program said: the facts of each section by their names, in order. */
export type FactsBySection = ReadonlyMap<string, ReadonlyMap<string, string>>

/** How the client connects: over plain TCP by Java's own sockets, or over TLS by Netty with the certificate of a file to trust. */
export type Connection = 'nio' | { readonly trustedPath: string }

const SOURCE_FOLDER = fileURLToPath(new URL('facts', import.meta.url))
const JARS = jarPaths(
  'zookeeper',
  'zookeeper-jute',
  'zookeeper-recipes-lock',
  'zookeeper-recipes-queue',
  'zookeeper-recipes-election',
  // Netty's, which the manifest of zookeeper.jar leaves out.
  'netty-resolver',
  'netty-codec',
  'netty-transport-native-unix-common',
)
const RUN_MS = 170_000

/** For `describePeer`. */
export const OFFICIAL_JAVA_CLIENT: PeerNeed = {
  name: 'the official Java client and a Java compiler',
  find: () => isJavaInstalled(JARS),
  install: 'apt-get install libzookeeper-java openjdk-17-jdk-headless',
}

/** Compiles the program unless that was done before, and gives the folder of its classes. */
export function compileFacts(): Promise<string> {
  return compileJava({ name: 'facts', sourceFolder: SOURCE_FOLDER, jars: JARS })
}

/** Runs the program to its end. What the client itself logs is not read. @throws Error if it did not come to its end */
export async function tellFacts(
  classFolder: string,
  server: { readonly name: string; readonly connectString: string },
  connection: Connection,
): Promise<FactsBySection> {
  const args = [...JAVA_ARGUMENTS, ...secured(connection)]
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
