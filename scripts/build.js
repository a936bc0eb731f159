/**
 * Builds what is published into dist/, each door with shared chunks:
 *   *.js, types/           ESM, with the runtime dependencies inside: an ES module that imports CommonJS starts Node's second loader,
 *                          and the three together take as long to load as all of ours
 *   cli/main.js            the command zoolet with all it needs in one file of CommonJS: Node starts it sooner than ES modules
 *   cjs/*.js, cjs/types/   CommonJS for test runners that cannot load ESM; requires the runtime dependencies
 *   third-party-licenses.txt   the licenses of what is inside
 *   zoolet.browser.js      the door `.` with all it needs, for a plain <script type="module">; must stay below a limit
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { build } from 'rolldown'
import { doors, packageJson } from './doors.js'
import { root, run } from './run.js'

/** What the door should weigh, and what it may at most: with its three dependencies (4.3 kB) it does not get down to the first. */
const WANTED_BROWSER_BYTES = 25_000
const MAX_BROWSER_BYTES = 39_800

const dependencies = Object.keys(packageJson.dependencies)

const entries = Object.fromEntries(doors.map(({ bundle, source }) => [bundle, source]))

/** @type {import('rolldown').InputOptions} */
const input = {
  input: entries,
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  transform: { target: 'es2022' },
}

/** Seen as an ES module, so that what CommonJS needs stands in one chunk with it: a chunk of its own takes a millisecond to load. */
const DENQUE = 'node_modules/denque/as-es-module.js'
const denqueAsModule = {
  name: 'denque-as-es-module',
  /** @param {string} id @param {string | undefined} importer */
  resolveId: (id, importer) => (id === 'denque' && importer !== DENQUE ? DENQUE : undefined),
  /** @param {string} id */
  load: (id) => (id === DENQUE ? "import Denque from 'denque'\nexport default Denque" : undefined),
}

process.chdir(root)
rmSync('dist', { recursive: true, force: true })

declarations()
const mainDoor = await modulesOf('src/index.ts')
await build([
  {
    ...input,
    plugins: [denqueAsModule],
    platform: 'node',
    output: {
      dir: 'dist',
      format: 'esm',
      chunkFileNames: '[name]-[hash].js',
      // Each file costs a millisecond to load, whatever is in it, and the main door needs nothing of the wire.
      codeSplitting: {
        groups: [
          { name: 'shared', test: (id) => mainDoor.has(id) || id.includes('/src/base/'), minShareCount: 2 },
          { name: 'wire', test: /src\//, minShareCount: 2 },
        ],
      },
    },
  },
  {
    ...input,
    platform: 'node',
    input: 'src/cli/main.ts',
    output: { file: 'dist/cli/main.js', format: 'cjs', codeSplitting: false, comments: false },
  },
  {
    ...input,
    platform: 'node',
    external: startingWith(dependencies),
    output: { dir: 'dist/cjs', format: 'cjs', chunkFileNames: 'shared-[hash].js' },
  },
  {
    ...input,
    platform: 'browser',
    input: 'src/index.ts',
    output: { file: 'dist/zoolet.browser.js', format: 'esm', minify: true, comments: false },
  },
])
for (const folder of ['cjs', 'cli']) writeFileSync(`dist/${folder}/package.json`, '{ "type": "commonjs" }\n')
writeFileSync('dist/third-party-licenses.txt', licenses())
reportSize()

function declarations() {
  run('npx', ['tsc', '--build', 'tsconfig.node.json'])
  cpSync('dist/types', 'dist/cjs/types', { recursive: true })
}

/** @param {string} source */
async function modulesOf(source) {
  const { output } = await build({ ...input, plugins: [denqueAsModule], input: source, write: false })
  return new Set(output.flatMap((chunk) => (chunk.type === 'chunk' ? Object.keys(chunk.modules) : [])))
}

function licenses() {
  return dependencies
    .map((name) => `${name}\n\n${readFileSync(`node_modules/${name}/LICENSE`, 'utf8')}`)
    .join('\n\n')
}

/** @param {string[]} names */
function startingWith(names) {
  return names.map((name) => new RegExp(`^${name}(/|$)`))
}

function reportSize() {
  const { length } = gzipSync(readFileSync('dist/zoolet.browser.js'), { level: 9 })
  const [size, wanted, limit] = [length, WANTED_BROWSER_BYTES, MAX_BROWSER_BYTES].map((bytes) => bytes / 1000)
  console.log(
    `zoolet with all its dependencies, minified, gzip -9: ${size?.toFixed(1)} kB (wanted ${wanted}, limit ${limit})`,
  )
  if (length > MAX_BROWSER_BYTES) throw new RangeError(`${length} bytes: move something behind another door`)
}
