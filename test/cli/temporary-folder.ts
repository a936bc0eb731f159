/** A folder for the files of one test file: made before its tests, removed after them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** Makes the folder; `file` writes a file into it and gives its path, `pathOf` gives the path of a file that is not there. */
export function temporaryFolder(): {
  readonly path: string
  readonly file: (name: string, content: string | Uint8Array) => string
  readonly pathOf: (name: string) => string
} {
  const path = mkdtempSync(join(tmpdir(), 'zoolet-cli-'))
  afterAll(() => rmSync(path, { recursive: true, force: true }))
  const pathOf = (name: string): string => join(path, name)
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(pathOf(name), content)
    return pathOf(name)
  }
  return { path, file, pathOf }
}
