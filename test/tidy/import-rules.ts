/** Rules about who may import whom (DESIGN 3): directions, doors, cycles. Type imports count like any other. */
import { dirname, join } from 'node:path/posix'
import { doors, packageJson } from '../../scripts/doors.js'
import { inEach, type Rule } from './rule.js'
import type { SourceFile } from './source-file.js'

/** What a folder (or file) of src may import: `x/` all of a folder, `x/y` one file, `npm` a runtime dependency. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  protocol: ['base/'],
  transport: ['protocol/', 'base/', 'npm'],
  server: ['protocol/', 'base/', 'transport/transport', 'npm'],
  client: ['protocol/', 'base/', 'transport/transport', 'npm'],
  node: [
    'protocol/',
    'base/',
    'transport/',
    'client/zookeeper',
    'client/connect-string',
    'remote-client',
    'type embedded-zookeeper',
    'type embedded-options',
    'npm',
    'node',
  ],
  'message-port': [
    'protocol/',
    'base/',
    'transport/',
    'client/zookeeper',
    'remote-client',
    'type embedded-zookeeper',
  ],
  recipes: [
    'protocol/',
    'base/',
    'client/zookeeper',
    'client/abort',
    'client/arguments',
    'client/op',
    'type client/call-options',
    'type client/data-taker',
    'npm',
  ],
  'remote-client': ['protocol/', 'base/', 'transport/', 'client/'],
  'embedded-options': ['protocol/', 'base/', 'server/', 'client/'],
  'embedded-zookeeper': ['embedded-options', 'protocol/', 'base/', 'transport/', 'server/', 'client/', 'npm'],
  index: ['protocol/', 'base/', 'transport/', 'server/', 'client/', 'embedded-options', 'embedded-zookeeper'],
  testing: ['index', 'embedded-zookeeper', 'protocol/', 'base/', 'npm'],
  cli: ['index', 'node/index', 'recipes/index', 'testing/index', 'npm', 'node'],
}

interface Import {
  readonly start: number
  readonly specifier: string
  readonly isType: boolean
}

/** Checked by tidy.test.ts. */
export const importRules: readonly Rule[] = [
  {
    id: 'importDirection',
    title: 'imports go only where the table of DESIGN 3 lets them',
    find: inEach(/^src\//, (file, report) => {
      const folder = file.path.split('/')[1]?.replace(/\.ts$/, '') ?? ''
      const allowed = mayImport[folder]
      if (allowed === undefined) return report(0, `${folder} is not in the table`)
      for (const { start, specifier, isType } of importsOf(file)) {
        const target = targetOf(file, specifier)
        const isAllowed = [target, `${target.split('/')[0]}/`, isType && `type ${target}`].some(
          (name) => name !== false && (allowed.includes(name) || name === `${folder}/`),
        )
        if (!isAllowed) report(start, `${folder} imports ${specifier}`)
      }
    }),
    bad: {
      'src/base/a.ts': "import { x } from '../protocol/x.js'",
      'src/protocol/a.ts': "import Denque from 'denque'",
      'src/server/a.ts': "import type { X } from '../client/x.js'",
      'src/client/a.ts': "export { x } from '../transport/in-process.js'",
      'src/node/a.ts': "import { EmbeddedZooKeeper } from '../embedded-zookeeper.js'",
      'src/recipes/a.ts': "type Cnxn = import('../client/client-cnxn.js').ClientCnxn",
      'src/testing/a.ts': "await import('../server/data-tree.js')",
      'src/other/a.ts': '',
      'src/transport/a.ts': "import 'left-pad'",
    },
    good: {
      'src/server/a.ts':
        "import Denque from 'denque'\nimport { x } from './x.js'\nimport { y } from '../base/y.js'",
      'src/node/a.ts': "import type { X } from '../embedded-zookeeper.js'\nimport { y } from 'node:net'",
    },
  },
  {
    id: 'modelImport',
    title: 'the model of the property tests imports nothing of src',
    find: inEach(/^test\/property\/model/, (file, report) => {
      for (const { start, specifier } of importsOf(file))
        if (specifier.includes('src/')) report(start, specifier)
    }),
    bad: { 'test/property/model-tree.ts': "import { DataTree } from '../../src/server/data-tree.js'" },
    good: { 'test/property/model-tree.ts': "import { x } from './model-paths.js'" },
  },
  {
    id: 'nodeImport',
    title: 'node: is imported in src/node and src/cli only',
    find: inEach(/^src\/(?!node\/|cli\/)/, (file, report) => {
      for (const { start, specifier } of importsOf(file)) {
        if (targetOf(file, specifier) === 'node') report(start, specifier)
      }
    }),
    bad: { 'src/server/a.ts': "import { EventEmitter } from 'node:events'" },
    good: { 'src/cli/a.ts': "import { parseArgs } from 'node:util'" },
  },
  {
    id: 'extension',
    title: 'relative imports end in .js',
    find: inEach(/^(src|test)\//, (file, report) => {
      for (const { start, specifier } of importsOf(file)) {
        if (/^\.(?!.*\.(js|json)$)/.test(specifier)) report(start, specifier)
      }
    }),
    bad: { 'src/server/a.ts': "import { x } from './x'", 'src/server/b.ts': "import { x } from './x.ts'" },
    good: { 'src/server/a.ts': "import { x } from './x.js'" },
  },
  {
    id: 'barrel',
    title: 'only the doors re-export',
    find: inEach(/^src\//, (file, report) => {
      const isDoor = doors.some(({ source }) => source === file.path)
      const isDoorName = file.path.endsWith('/index.ts')
      if (isDoorName && !isDoor) report(0, 'an index.ts that package.json does not export')
      for (const { start, entries } of file.module.staticExports) {
        if (!isDoor && entries.some(({ moduleRequest }) => moduleRequest !== null))
          report(start, 'a re-export')
        if (isDoor && entries.some(({ exportName }) => exportName.kind === 'None'))
          report(start, 'export *: name the names')
      }
    }),
    bad: {
      'src/server/index.ts': '',
      'src/server/a.ts': "export { x } from './x.js'",
      'src/client/a.ts': "import { x } from './x.js'\nexport { x }",
      'src/index.ts': "export * from './server/a.js'",
    },
    good: { 'src/index.ts': "export { x } from './server/x.js'", 'src/server/x.ts': 'export const x = 1' },
  },
  {
    id: 'cycle',
    title: 'no file imports itself through others',
    find: (files) => {
      const graph = new Map(
        files.map((file) => [file.path, importsOf(file).map((to) => pathOf(file, to.specifier))]),
      )
      return [...graph.keys()].flatMap((path) => {
        const circle = pathBack(graph, path)
        return circle === undefined ? [] : [{ path, line: 1, message: circle.join(' -> ') }]
      })
    },
    bad: {
      'src/server/a.ts': "import type { B } from './b.js'",
      'src/server/b.ts': "import { c } from './c.js'",
      'src/server/c.ts': "type A = import('./a.js').A",
    },
    good: {
      'src/server/a.ts': "import { b } from './b.js'",
      'src/server/b.ts': "import { c } from './c.js'",
    },
  },
]

/** All imports and re-exports of a file, dynamic ones and those inside types included. */
function importsOf(file: SourceFile): Import[] {
  const { staticImports, staticExports } = file.module
  const imports: Import[] = staticImports.map(({ start, moduleRequest, entries }) => ({
    start,
    specifier: moduleRequest.value,
    isType: entries.length > 0 && entries.every(({ isType }) => isType),
  }))
  for (const { start, moduleRequest, isType } of staticExports.flatMap(({ entries }) => entries)) {
    if (moduleRequest !== null) imports.push({ start, specifier: moduleRequest.value, isType })
  }
  file.visit({
    ImportExpression: ({ start, source }) => {
      if (source.type === 'Literal') imports.push({ start, specifier: String(source.value), isType: false })
    },
    TSImportType: ({ start, source }) => imports.push({ start, specifier: source.value, isType: true }),
  })
  return imports
}

/** What an import means to the table: a file of src without its ending, `npm`, or `node`. */
function targetOf(file: SourceFile, specifier: string): string {
  if (specifier.startsWith('.'))
    return pathOf(file, specifier)
      .replace(/^src\//, '')
      .replace(/\.ts$/, '')
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? ''
  if (name in packageJson.dependencies) return 'npm'
  return specifier.startsWith('node:') ? 'node' : `${name} (not a dependency)`
}

function pathOf(file: SourceFile, specifier: string): string {
  return join(dirname(file.path), specifier).replace(/\.js$/, '.ts')
}

/** The shortest way from a file back to itself. */
function pathBack(graph: ReadonlyMap<string, readonly string[]>, from: string): string[] | undefined {
  const seen = new Set<string>()
  const ways = [[from]]
  for (const way of ways) {
    for (const next of graph.get(way.at(-1) ?? from) ?? []) {
      if (next === from) return [...way, from]
      if (!seen.has(next)) ways.push([...way, next])
      seen.add(next)
    }
  }
  return undefined
}
