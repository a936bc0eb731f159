/**
 * The bank: patches that each plant one bug in a copy of the tree, with a few lines above the diff that say what it is. `B` is a bug
 * of zoolet, `C` one of a checker: it may name a bug of zoolet and the command that misses that bug once the checker is lax.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One bug. */
export interface PlantedBug {
  /** `B07`. */
  readonly id: string
  readonly title: string
  /** The scenario of the list of historic bugs, or the invariant that a checker leaves out. */
  readonly origin: string
  /** What a user would see of it, or what a lax checker lets through. */
  readonly effect: string
  /** The patch, for `git apply`. */
  readonly patchFile: string
  /** Of a bug in a checker: which bug it hides from which command. */
  readonly hides: HiddenBug | undefined
}

/** A bug of zoolet that a command finds only as long as its checker is sound. */
export interface HiddenBug {
  readonly id: string
  /** The name of the command. */
  readonly from: string
}

/** All bugs of a folder, in the order of their numbers. @throws Error for a patch whose head does not say what it has to */
export async function readBank(folder: string): Promise<readonly PlantedBug[]> {
  const names = (await readdir(folder)).filter((name) => /^[BC]\d\d\.patch$/.test(name)).sort()
  return Promise.all(names.map((name) => readBug(join(folder, name), name.slice(0, 3))))
}

async function readBug(patchFile: string, id: string): Promise<PlantedBug> {
  const text = await readFile(patchFile, 'utf8')
  const head = new Map<string, string>()
  for (const [, name = '', value = ''] of text.matchAll(/^# ([^:]+): (.+)$/gm)) head.set(name, value)
  const require = (...names: readonly string[]): string => {
    const found = names.map((name) => head.get(name)).find((value) => value !== undefined)
    if (found === undefined)
      throw new Error(`${patchFile} has no line "# ${names.join(': ..." or "# ')}: ..."`)
    return found
  }
  const [, hiddenId, from] = /^(B\d\d) (.+)$/.exec(head.get('hides') ?? '') ?? []
  const hides = hiddenId === undefined || from === undefined ? undefined : { id: hiddenId, from }
  const origin = require('scenario', 'invariant')
  const effect = require('what a user would see', 'what it lets through')
  return { id, title: require(id), origin, effect, patchFile, hides }
}
