/**
 * TreeCopy: a copy of what is needed of the tree, in a temporary folder, in which bugs are planted. Nothing of it reaches the tree
 * itself: dependencies are linked one by one, so that caches beside them are the copy's own.
 */
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

/** What is copied, by its path from the root of the tree. */
export const COPIED: readonly string[] = [
  'src',
  'verify',
  'test',
  'scripts',
  'examples',
  'docs',
  'package.json',
  'tsconfig.json',
  'tsconfig.base.json',
  'tsconfig.core.json',
  'tsconfig.node.json',
  'tsconfig.tools.json',
  'vitest.config.ts',
  'vitest.peers.config.ts',
]
const NODE_MODULES = 'node_modules'
/** What runs have written. */
const OUTPUT = 'verify/out'
/** What tools write beside the dependencies. */
const CACHES: ReadonlySet<string> = new Set(['.cache', '.vite', '.vite-temp', '.vitest'])

const run = promisify(execFile)

/** A copy. Invariant: it is the tree with the patches that are applied, and with nothing else. */
export class TreeCopy {
  /** Where it is. */
  readonly folder: string
  readonly #applied: string[] = []

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Copies the tree at `root`. */
  static async make(root: string): Promise<TreeCopy> {
    const folder = await mkdtemp(join(tmpdir(), 'zoolet-bank-'))
    const installed: string[] = []
    const isOurs = (source: string): boolean => {
      const isInstalled = source.endsWith(`/${NODE_MODULES}`)
      if (isInstalled) installed.push(relative(root, source))
      return !isInstalled && source !== join(root, OUTPUT)
    }
    for (const part of COPIED)
      await cp(join(root, part), join(folder, part), { recursive: true, filter: isOurs })
    for (const path of installed) await symlink(join(root, path), join(folder, path))
    await mkdir(join(folder, NODE_MODULES))
    for (const name of await readdir(join(root, NODE_MODULES)))
      if (!CACHES.has(name)) await symlink(join(root, NODE_MODULES, name), join(folder, NODE_MODULES, name))
    return new TreeCopy(folder)
  }

  /** Why the patch does not fit exactly; undefined if it does. */
  async findMisfit(patchFile: string): Promise<string | undefined> {
    try {
      await this.#git('apply', '--check', patchFile)
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  /** Plants a bug. @throws Error if the patch does not fit exactly */
  async plant(patchFile: string): Promise<void> {
    await this.#git('apply', patchFile)
    this.#applied.push(patchFile)
  }

  /** Takes all bugs out again, the last one first. */
  async mend(): Promise<void> {
    for (let patch = this.#applied.pop(); patch !== undefined; patch = this.#applied.pop())
      await this.#git('apply', '--reverse', patch)
  }

  /** Removes the copy. Not a promise, so that it can be done while the process ends. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Git looks for no repository around the copy: in one it would leave out files that are not below its top. */
  async #git(...args: readonly string[]): Promise<void> {
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(this.folder) }
    await run('git', [...args], { cwd: this.folder, env })
  }
}
