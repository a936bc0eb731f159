/** Java programs of ours: compiled once for their text (the classes stay in the system's folder for temporary files). */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../peer.js'

/** What is compiled. */
export interface JavaProgram {
  /** For the folder of the classes: `facts`. */
  readonly name: string
  /** Where its `.java` files lie. */
  readonly sourceFolder: string
  readonly jars: readonly string[]
}

/** The virtual machine. */
export const JAVA = '/usr/bin/java'
/** Quick to start, and small. */
export const JAVA_ARGUMENTS: readonly string[] = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']

const COMPILER = '/usr/bin/javac'
const COMPILE_MS = 60_000

/** The paths of Debian's jars of these names. */
export function jarPaths(...names: readonly string[]): string[] {
  return names.map((name) => `/usr/share/java/${name}.jar`)
}

/** Whether Java programs with these jars can be compiled and run here. */
export function isJavaInstalled(jars: readonly string[]): boolean {
  return [COMPILER, JAVA, ...jars].every((path) => existsSync(path))
}

/** Compiles a program unless that was done before, and gives the folder of its classes. */
export async function compileJava({ name, sourceFolder, jars }: JavaProgram): Promise<string> {
  const names = readdirSync(sourceFolder).filter((file) => file.endsWith('.java'))
  const sources = names.sort().map((file) => join(sourceFolder, file))
  const hash = createHash('sha256')
  for (const path of sources) hash.update(readFileSync(path))
  const folder = join(tmpdir(), `zoolet-java-${name}-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(folder)) return folder
  const unfinished = mkdtempSync(`${folder}-`)
  const args = ['-cp', jars.join(':'), '-d', unfinished, ...sources]
  const { code, stderr } = await run(COMPILER, args, { timeoutMs: COMPILE_MS })
  if (code !== 0) throw new Error(`The Java program ${name} does not compile: ${stderr}`)
  place(unfinished, folder)
  return folder
}

/** Another process may have been faster; its classes are the same. */
function place(unfinished: string, folder: string): void {
  if (existsSync(folder)) rmSync(unfinished, { recursive: true })
  else renameSync(unfinished, folder)
}
