/** Runs other programs for the scripts next to it. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The top folder of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Runs a command, its output shown; throws if it fails.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {string} [cwd]
 */
export function run(command, args, cwd = root) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${status}`)
}
