/** Rules about the shape of files and functions (STYLE 1, 2, 4, 5): sizes, names, headers. */
import { basename } from 'node:path/posix'
import type { Function as FunctionNode } from 'oxc-parser'
import { declaredNames } from './documentation.js'
import { inEach, type Rule } from './rule.js'
import type { SourceFile } from './source-file.js'

const MAX_CODE_LINES = 400
const MAX_FUNCTION_LINES = 50
const MAX_HEADER_LINES = 8

const everywhere = /./
const inSource = /^src\//
const bannedWord = /\b(utils?|helpers?|common|misc)\b/

/** Checked by tidy.test.ts. */
export const shapeRules: readonly Rule[] = [
  {
    id: 'fileSize',
    title: `a file has at most ${MAX_CODE_LINES} lines of code`,
    find: inEach(everywhere, (file, report) => {
      const count = file.code.split('\n').filter((line) => line.trim() !== '').length
      if (count > MAX_CODE_LINES) report(0, `${count} lines of code: split the file by concept`)
    }),
    bad: { 'src/server/a.ts': 'f()\n'.repeat(MAX_CODE_LINES + 1) },
    good: {
      'src/server/a.ts': `/*${'\n'.repeat(MAX_CODE_LINES)}*/${'f()\n// Why.\n\n'.repeat(MAX_CODE_LINES)}`,
    },
  },
  {
    id: 'functionSize',
    title: `a function has at most ${MAX_FUNCTION_LINES} lines`,
    find: inEach(everywhere, (file, report) => {
      const suites = describeCallbacks(file)
      const check = ({ start, end }: { start: number; end: number }): void => {
        const count = file.lineAt(end) - file.lineAt(start) + 1
        if (count > MAX_FUNCTION_LINES && !suites.has(start)) report(start, `${count} lines`)
      }
      file.visit({
        FunctionDeclaration: check,
        FunctionExpression: (node: FunctionNode) => check(node),
        ArrowFunctionExpression: check,
      })
    }),
    bad: { 'src/server/a.ts': `class A { f(): void {${'\n'.repeat(MAX_FUNCTION_LINES)}} }` },
    good: { 'test/a.test.ts': `describe('a', () => {${'\n'.repeat(MAX_FUNCTION_LINES)}})` },
  },
  {
    id: 'fileName',
    title: 'a file that exports a class has the name of what it exports, in kebab-case',
    find: inEach(inSource, (file, report) => {
      const stem = basename(file.path, '.ts')
      if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) report(0, 'the name is not kebab-case')
      const names = declaredNames(file, 'exported').map(([name]) => name)
      // Or the name begins with that of the file and goes on with a role: in-process, InProcessDialer.
      const isNamed = names.some((name) => name.toLowerCase().startsWith(stem.replaceAll('-', '')))
      if (exportsClass(file) && !isNamed) report(0, `exports ${names.join(', ')}`)
    }),
    bad: {
      'src/server/dataTree.ts': 'f()',
      'src/server/tree.ts': 'export class DataTree {}',
    },
    good: {
      'src/server/zookeeper-server.ts': 'export class ZooKeeperServer {}\nclass Part {}',
      'src/transport/in-process.ts': 'export class InProcessDialer {}',
      'src/base/clock.ts': 'export interface Clock {}\nexport class SystemClock {}',
      'src/server/names.ts': 'export function isName() {}',
    },
  },
  {
    id: 'bannedName',
    title: 'no file or folder is called utils, helpers, common or misc',
    find: inEach(everywhere, (file, report) => {
      const word = bannedWord.exec(file.path)?.[0]
      if (word !== undefined) report(0, `"${word}" says nothing: name the concept`)
    }),
    bad: { 'src/base/path-utils.ts': '', 'test/helpers/a.ts': '' },
    good: { 'src/base/commons-path.ts': '' },
  },
  {
    id: 'header',
    title: `a file opens with a comment of 1 to ${MAX_HEADER_LINES} lines`,
    find: inEach(everywhere, (file, report) => {
      const text = file.text.replace(/^#!.*\n/, '')
      if (!text.startsWith('/**')) return report(0, 'no /** ... */ at the top')
      const lines = text.slice(3, text.indexOf('*/')).split('\n')
      const count = lines.filter((line) => /\w/.test(line)).length
      if (count === 0 || count > MAX_HEADER_LINES || lines.length > MAX_HEADER_LINES + 2) {
        report(0, `a header of ${lines.length} lines`)
      }
    }),
    bad: {
      'src/a.ts': "import './b.js'",
      'src/b.ts': '/** */',
      'src/c.ts': `/**${'\n * Word.'.repeat(MAX_HEADER_LINES + 1)}\n */`,
    },
    good: {
      'src/a.ts': `/**${'\n * Word.'.repeat(MAX_HEADER_LINES)}\n */`,
      'scripts/a.js': '#!/usr/bin/env node\n/** Does it. */',
    },
  },
]

/** Starts of the functions given to describe(): a suite may be as long as it has tests. */
function describeCallbacks(file: SourceFile): Set<number> {
  const starts = new Set<number>()
  file.visit({
    CallExpression: ({ callee, arguments: args }) => {
      if (!file.text.startsWith('describe', callee.start)) return
      for (const { start } of args) starts.add(start)
    },
  })
  return starts
}

function exportsClass(file: SourceFile): boolean {
  return file.program.body.some(
    (node) => node.type === 'ExportNamedDeclaration' && node.declaration?.type === 'ClassDeclaration',
  )
}
