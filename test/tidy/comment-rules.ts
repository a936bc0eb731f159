/** Rules about comments and documentation (STYLE 14, 15). */
import { parseSync } from 'oxc-parser'
import { declaredNames, isDocumented } from './documentation.js'
import { inEach, type Rule } from './rule.js'
import type { SourceFile } from './source-file.js'

/** Spelled so that a search for the words finds none here. */
const unfinished = /\b(TO[D]O|FIX[M]E|XX[X]|HAC[K])\b/

/** Checked by tidy.test.ts. */
export const commentRules: readonly Rule[] = [
  {
    id: 'unfinished',
    title: 'no comment marks something as unfinished',
    find: inEach(/./, (file, report) => {
      for (const { value, start } of file.comments) {
        if (unfinished.test(value)) report(start, value.trim())
      }
    }),
    bad: { 'test/a.ts': `// ${'todo'.toUpperCase()}: the rest.` },
    good: { 'test/a.ts': '// What is left to do stands in the list of issues.' },
  },
  {
    id: 'commentedOutCode',
    title: 'no code is commented out',
    find: inEach(/./, (file, report) => {
      for (const { text, start } of plainComments(file)) {
        if (isCode(text)) report(start, text.trim())
      }
    }),
    bad: {
      'src/a.ts': '// const a = 1',
      'src/b.ts': 'f() // g(x)',
      'src/c.ts': '// if (a) {\n//   return b\n// }',
      'src/d.ts': "/* import { a } from './a.js' */",
    },
    good: { 'src/a.ts': '// Event before reply: the promise of ordering.\n// done\n/** @example f() */' },
  },
  {
    id: 'tsdoc',
    title: 'everything exported has TSDoc',
    find: inEach(/^src\//, (file, report) => {
      for (const [name, start] of declaredNames(file, 'exported')) {
        if (!isDocumented(file, name)) report(start, name)
      }
    }),
    bad: {
      'src/a.ts': '/** The header. */\nexport function f() {}',
      'src/b.ts':
        '/** The header. */\n/** */\nexport const a = 1\n/** B. */\nexport const b = 1\nexport class C {}',
      'src/c.ts': '/** The header. */\n\nconst a = 1\nexport { a }',
    },
    good: {
      'src/a.ts': '/** The header. */\n\n/** F. */\nexport function f(): void\nexport function f() {}',
      'src/b.ts':
        '/** The header. */\n/** Kinds. */\nexport const Kind = {} as const\nexport type Kind = keyof typeof Kind',
      'src/c.ts': '/** The header. */\n/** A. */\nconst a = 1\nexport { a }',
    },
  },
]

/** Comments that are not documentation: each by itself, and runs of line comments as one. */
function plainComments(file: SourceFile): { text: string; start: number }[] {
  const found: { text: string; start: number; end: number }[] = []
  for (const { type, value, start, end } of file.comments) {
    if (type === 'Block' && value.startsWith('*')) continue
    const last = found.at(-1)
    const continues = last !== undefined && /^\n[ \t]*$/.test(file.text.slice(last.end, start))
    if (continues) found.push({ text: `${last.text}\n${value}`, start: last.start, end })
    found.push({ text: value, start, end })
  }
  return found
}

/** True for text that parses and does something; a lone word or a label is prose. */
function isCode(text: string): boolean {
  const asModule = parseSync('comment.ts', text)
  const { program, errors } =
    asModule.errors.length === 0 ? asModule : parseSync('comment.ts', `async () => {${text}\n}`)
  if (errors.length > 0) return false
  return asModule.errors.length > 0 || program.body.some(doesSomething)
}

function doesSomething(statement: SourceFile['program']['body'][number]): boolean {
  if (statement.type === 'LabeledStatement' || statement.type === 'EmptyStatement') return false
  if (statement.type !== 'ExpressionStatement') return true
  return /^(Call|Assignment|Await|Update|New|Import)Expression$/.test(statement.expression.type)
}
