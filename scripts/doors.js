/** The doors of the package: each subpath that package.json exports, with its bundle and the source behind it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path/posix'

/** @type {{ exports: Record<string, unknown>, dependencies: Record<string, string> }} */
export const packageJson = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/** `./testing` is the bundle `testing.js`, made from `src/testing/index.ts`; `.` is `index.js`, from `src/index.ts`. */
export const doors = Object.keys(packageJson.exports)
  .filter((subpath) => subpath !== './package.json')
  .map((subpath) => ({
    subpath,
    bundle: subpath === '.' ? 'index' : subpath.slice(2),
    source: join('src', subpath, 'index.ts'),
  }))
