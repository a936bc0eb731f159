/** Installs the packed package into a copy of each project in test/consumers and runs that project's tests. */
import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './run.js'
import { withTarball } from './with-tarball.js'

const consumers = join(root, 'test/consumers')

withTarball((tarball, folder) => {
  for (const name of readdirSync(consumers)) {
    const copy = join(folder, name)
    cpSync(join(consumers, name), copy, { recursive: true })
    run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock', tarball], copy)
    run('npm', ['test'], copy)
    console.log(`consumer ${name}: passed`)
  }
})
