/** `npm run verify -- PART ...`: bundles the programme, which is TypeScript, and runs it. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

const root = fileURLToPath(new URL('..', import.meta.url))
const bundle = fileURLToPath(new URL('../node_modules/.cache/zoolet-verify/main.js', import.meta.url))

process.chdir(root)
await build({
  input: 'verify/main.ts',
  platform: 'node',
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  external: (id) => !/^[./]/.test(id) && id !== 'verify/main.ts',
  output: { file: bundle, format: 'esm', sourcemap: true },
  logLevel: 'warn',
})
const { status, signal } = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--expose-gc', bundle, ...process.argv.slice(2)],
  { stdio: 'inherit' },
)
if (signal !== null) console.error(`The programme was ended by ${signal}`)
process.exitCode = status ?? 1
