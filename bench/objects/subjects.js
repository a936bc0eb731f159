/** The two that are asked by turns: Apache ZooKeeper's objects in a Java process, ours in a Node process. One line in, one line out. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

const JARS = [
  'zookeeper',
  'zookeeper-jute',
  'slf4j-api',
  'slf4j-simple',
  'netty-all',
  'snappy-java',
  'metrics-core',
]
  .map((name) => `/usr/share/java/${name}.jar`)
  .join(':')
const JAVA_SOURCE = fileURLToPath(new URL('RealObjects.java', import.meta.url))
const HEAP = 6_000

/** Whether there is a compiler for Java, and the real one. */
export const hasRealObjects =
  existsSync('/usr/share/java/zookeeper.jar') && spawnSync('javac', ['-version']).status === 0

/** Compiles and starts the real one. */
export async function startReal() {
  const folder = mkdtempSync(join(tmpdir(), 'zoolet-bench-'))
  const { status, stderr } = spawnSync('javac', ['-cp', JARS, '-d', folder, JAVA_SOURCE], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`RealObjects.java does not compile: ${stderr}`)
  const subject = start('java', [
    `-Xmx${HEAP}m`,
    '-XX:+UseParallelGC',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
    '-cp',
    `${JARS}:${folder}`,
    'RealObjects',
  ])
  return {
    pid: subject.pid,
    ask: subject.ask,
    close: async () => {
      await subject.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Ours, asked as the real one is. */
export function startOurs() {
  return startBundled('our-objects')
}

/** Ours, asked what small and large surroundings cost. */
export function startCosts() {
  return startBundled('our-costs')
}

/**
 * Bundles and starts a program that lies here.
 * @param {string} name
 */
async function startBundled(name) {
  const input = fileURLToPath(new URL(`${name}.ts`, import.meta.url))
  const file = fileURLToPath(new URL(`../../node_modules/.cache/zoolet-bench/${name}.js`, import.meta.url))
  await build({
    input,
    platform: 'node',
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    external: (id) => !/^[./]/.test(id) && id !== input,
    output: { file, format: 'esm' },
    logLevel: 'warn',
  })
  return start(process.execPath, ['--expose-gc', `--max-old-space-size=${HEAP}`, file])
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function start(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    pid: child.pid ?? 0,
    /** @param {string} line */
    ask: async (line) => {
      child.stdin.write(`${line}\n`)
      const { value, done } = await answers.next()
      if (done) throw new Error(`${command} ended instead of answering ${line}`)
      const numbers = String(value).split(' ').map(Number)
      if (numbers.some(Number.isNaN)) throw new Error(`${command} answered ${line} with ${value}`)
      return numbers
    },
    close: async () => {
      child.stdin.end()
      await ended
    },
  }
}
