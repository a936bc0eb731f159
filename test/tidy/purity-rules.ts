/** Rules that keep the outer world out (laws 5, 6 and 7; STYLE 4, 15, 18): state, time, chance, platform, lost errors. */
import type { Argument, Expression, TSTypeAnnotation } from 'oxc-parser'
import { freeNames } from './free-names.js'
import { inEach, type Report, type Rule } from './rule.js'
import type { SourceFile } from './source-file.js'

const onlyInPlatform =
  /^(setTimeout|clearTimeout|setInterval|clearInterval|setImmediate|queueMicrotask|MessageChannel|performance|crypto|TextEncoder|TextDecoder|console|process|globalThis|window|self|Buffer|require)$/
const realTime = /^(setTimeout|setInterval|setImmediate|performance)$/

/** Tests that need the real event loop or clock: each path with its reason. */
const onRealTime: Readonly<Record<string, string>> = {}
const orderingLaws = /^test\/semantics\/event-thread[^/]*\.test\.ts$/
/** Sockets, ports and processes go by the real clock, whatever a test does. */
const overWires = /^test\/(peers|contract|node|message-port)\//

/** Checked by tidy.test.ts. */
export const purityRules: readonly Rule[] = [
  {
    id: 'moduleState',
    title: 'no module keeps mutable state',
    find: (files) => {
      const constants = new Set(files.flatMap(readonlyInterfaces))
      return inEach(/^src\//, (file, report) => checkState(file, constants, report))(files)
    },
    bad: {
      'src/a.ts': 'let count = 0',
      'src/b.ts': 'export const watches = new Map<string, string>()',
      'src/c.ts': 'const names: string[] = []',
      'src/d.ts': 'const table = { a: 1 }',
      'src/e.ts': 'class A { static #last = 0 }',
      'src/f.ts': 'interface Count { n: number }\nconst count: Count = { n: 0 }',
    },
    good: {
      'src/a.ts': 'const codes: ReadonlyMap<string, number> = new Map()\nconst names = ["a"] as const',
      'src/b.ts':
        'const limits = Object.freeze({ a: 1 })\nconst max: number = 2\nconst none = new Uint8Array(0)',
      'src/c.ts': 'class A { static readonly limit = 1; #count = 0 }\ndeclare let later: number',
      'src/d.ts': 'function f() { let count = 0; return new Map([[count, 1]]) }',
      'src/e.ts': 'interface Id { readonly id: string; check(): void }\nconst id: Id = { id: "", check }',
    },
  },
  {
    id: 'platform',
    title: 'platform globals, time and chance are read in src/base/platform.ts only',
    find: inEach(/^src\/(?!node\/|cli\/|base\/platform\.ts)/, (file, report) => {
      for (const { name, start } of freeNames(file)) {
        if (onlyInPlatform.test(name)) report(start, name)
      }
      reportCalls(file, /^(Date\.now|Math\.random)$/, report)
      reportBareDates(file, report)
    }),
    bad: {
      'src/a.ts': 'setTimeout(f, 1)',
      'src/b.ts': 'f(Date.now())',
      'src/c.ts': 'f(new Date())',
      'src/d.ts': 'const roll = Math.random',
      'src/e.ts': 'declare const process: { pid: number }\nf(process.pid)',
    },
    good: {
      'src/a.ts': "import { setTimeout } from './platform.js'\nsetTimeout(f, 1)",
      'src/b.ts': 'watcher.process(event)\nclass A { process(console: string) { return console } }',
      'src/c.ts': 'f(new Date(0), Math.max(1, 2))',
      'src/base/platform.ts': 'f(Date.now())',
      'src/node/a.ts': 'process.exit()',
    },
  },
  {
    id: 'realTime',
    title: 'no test sleeps or reads a clock, but those of the ordering laws and of real wires',
    find: inEach(/^test\//, (file, report) => {
      if (orderingLaws.test(file.path) || overWires.test(file.path) || file.path in onRealTime) return
      for (const { name, start } of freeNames(file)) {
        if (realTime.test(name)) report(start, name)
      }
      for (const { moduleRequest, start } of file.module.staticImports) {
        if (/^(node:)?timers/.test(moduleRequest.value)) report(start, moduleRequest.value)
      }
      reportCalls(file, /^(Date\.now|Atomics\.wait|process\.hrtime)$/, report)
      reportBareDates(file, report)
    }),
    bad: {
      'test/client/a.test.ts': 'await new Promise((done) => setTimeout(done, 10))',
      'test/client/b.test.ts': "import { setTimeout as sleep } from 'node:timers/promises'",
      'test/client/c.test.ts': 'expect(Date.now() - start).toBeLessThan(5)',
    },
    good: {
      'test/client/a.test.ts': 'await clock.advance(10)',
      'test/peers/a.peer.ts': 'setTimeout(done, 10)',
      'test/semantics/event-thread-order.test.ts': 'setTimeout(done, 0)',
    },
  },
  {
    id: 'emptyCatch',
    title: 'no error is swallowed by an empty catch',
    find: inEach(/./, (file, report) => {
      file.visit({
        CatchClause: (node) => {
          if (node.body.body.length === 0) report(node.start, 'empty catch')
        },
        CallExpression: ({ callee, arguments: [handler], start }) => {
          const isCatch =
            callee.type === 'MemberExpression' && file.text.slice(0, callee.end).endsWith('.catch')
          if (isCatch && handler !== undefined && isEmptyFunction(handler)) report(start, 'empty catch')
        },
      })
    }),
    bad: { 'src/a.ts': 'try { f() } catch { /* Never mind. */ }', 'src/b.ts': 'f().catch(() => {})' },
    good: { 'src/a.ts': 'try { f() } catch (e) { report(e) }\nf().catch(report)\ng().catch(() => null)' },
  },
]

function checkState(file: SourceFile, constants: ReadonlySet<string>, report: Report): void {
  const holdsState = (value: Expression | null, type?: TSTypeAnnotation | null): boolean =>
    value !== null && isContainer(file, value) && !saysReadonly(file, type, constants)
  for (const statement of file.program.body) {
    const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (node?.type !== 'VariableDeclaration' || node.declare) continue
    if (node.kind !== 'const') report(node.start, `${node.kind}: law 6, a hundred servers share nothing`)
    for (const { id, init } of node.declarations) {
      if (holdsState(init, id.typeAnnotation)) {
        report(node.start, `${file.text.slice(id.start, id.end)}: type it readonly, or freeze it`)
      }
    }
  }
  file.visit({
    PropertyDefinition: (node) => {
      if (!node.static || (node.readonly && !holdsState(node.value, node.typeAnnotation))) return
      report(node.start, file.text.slice(node.start, node.end))
    },
  })
}

const mutableClass = /^(Map|Set|WeakMap|WeakSet|Array|Denque|EventEmitter|DataView|\w*Array(Buffer)?)$/

/** True for a value that someone could change: a literal, or a new container that is not empty for good. */
function isContainer(file: SourceFile, value: Expression): boolean {
  if (value.type === 'ArrayExpression' || value.type === 'ObjectExpression') return true
  if (value.type !== 'NewExpression') return false
  const { callee, end } = value
  const isEmptyArray = /^\w*Array\(0?\)$/.test(file.text.slice(callee.start, end))
  return mutableClass.test(file.text.slice(callee.start, callee.end)) && !isEmptyArray
}

/** True for `readonly T[]`, `ReadonlyMap`, `Readonly<T>`, and interfaces whose properties are all readonly. */
function saysReadonly(
  file: SourceFile,
  type: TSTypeAnnotation | null | undefined,
  constants: ReadonlySet<string>,
): boolean {
  const text = type ? file.text.slice(type.start, type.end) : ''
  return /^:\s*(readonly |Readonly)/.test(text) || constants.has(/^:\s*(\w+)(<.*>)?$/s.exec(text)?.[1] ?? '')
}

function readonlyInterfaces(file: SourceFile): string[] {
  const names: string[] = []
  file.visit({
    TSInterfaceDeclaration: ({ id, body }) => {
      const isConstant = body.body.every((member) => member.type !== 'TSPropertySignature' || member.readonly)
      if (isConstant) names.push(id.name)
    },
  })
  return names
}

function isEmptyFunction(node: Argument): boolean {
  if (node.type !== 'ArrowFunctionExpression' && node.type !== 'FunctionExpression') return false
  return node.body?.type === 'BlockStatement' && node.body.body.length === 0
}

function reportCalls(file: SourceFile, names: RegExp, report: Report): void {
  file.visit({
    MemberExpression: ({ start, end }) => {
      const text = file.text.slice(start, end)
      if (names.test(text)) report(start, text)
    },
  })
}

function reportBareDates(file: SourceFile, report: Report): void {
  file.visit({
    NewExpression: ({ callee, arguments: args, start }) => {
      if (args.length === 0 && file.text.slice(callee.start, callee.end) === 'Date')
        report(start, 'new Date()')
    },
  })
}
