/**
 * Runs a script against the library in a process of its own: the only way to see what reaches the platform as an uncaught
 * error, and whether an idle server lets the process end. The library is bundled from its sources once a test file.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'rolldown'

/** How a process ended. */
export interface Outcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const sources = fileURLToPath(new URL('../../../src/', import.meta.url))
/** After this long a process that should have ended by itself is ended, which shows as an exit code that is not 0. */
const PATIENCE_MS = 20_000

/** The library as one file that a process can load. */
export class LibraryBundle {
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'zoolet-'))

  /** Bundles the sources as they are now. */
  static async create(): Promise<LibraryBundle> {
    const bundle = new LibraryBundle()
    await build({
      input: { index: join(sources, 'index.ts'), testing: join(sources, 'testing/index.ts') },
      platform: 'node',
      resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
      output: { dir: bundle.#folder, format: 'esm', entryFileNames: '[name].mjs' },
      logLevel: 'silent',
    })
    return bundle
  }

  /** Runs a script in which `zoolet` stands for everything that the library exports. */
  run(script: string): Promise<Outcome> {
    const library = pathToFileURL(join(this.#folder, 'index.mjs')).href
    const text = `import * as zoolet from ${JSON.stringify(library)}\n${script}`
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        ['--input-type=module', '--eval', text],
        { timeout: PATIENCE_MS },
        (error, stdout, stderr) => {
          const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
          resolve({ exitCode, stdout, stderr })
        },
      )
    })
  }

  /** Removes what was written. */
  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
