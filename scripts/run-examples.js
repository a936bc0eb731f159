/** Runs every example, each in its own process, and stops at the first that fails. */
import { readdirSync } from 'node:fs'
import { root, run } from './run.js'

const examples = readdirSync(`${root}/examples`).filter((name) => name.endsWith('.js'))

for (const name of examples) {
  console.log(`\n== examples/${name}`)
  run(process.execPath, [`examples/${name}`])
}
