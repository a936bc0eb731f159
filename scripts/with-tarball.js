/** Packs the package as npm would publish it (npm runs the build first), for the checks that look from outside. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run } from './run.js'

/**
 * Gives `use` the path of the tarball and the folder it is in, and removes both afterwards.
 *
 * @param {(tarball: string, folder: string) => void} use
 */
export function withTarball(use) {
  const folder = mkdtempSync(join(tmpdir(), 'zoolet-'))
  try {
    run('npm', ['pack', '--loglevel=warn', '--pack-destination', folder], root)
    const [name = ''] = readdirSync(folder)
    use(join(folder, name), folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
