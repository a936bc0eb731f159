/** Rules about types (STYLE 11): what would switch the compiler off, or does not erase. */
import { inEach, type Rule } from './rule.js'

const inSource = /^src\//
/** Codecs turn table rows and bytes into types that the compiler cannot follow. */
const outsideCodecs = /^src\/(?!protocol\/(codec|jute[^/]*)\.ts$)/

/** Checked by tidy.test.ts. */
export const typeRules: readonly Rule[] = [
  {
    id: 'noExplicitAny',
    title: 'no type is any',
    find: inEach(inSource, (file, report) => {
      file.visit({ TSAnyKeyword: (node) => report(node.start, 'any') })
    }),
    bad: { 'src/server/a.ts': 'let x: Record<string, any>' },
    good: { 'src/server/a.ts': '/** Takes any znode. */\nlet any: unknown' },
  },
  {
    id: 'noNonNullAssertion',
    title: 'no ! claims that something is there',
    find: inEach(outsideCodecs, (file, report) => {
      file.visit({
        TSNonNullExpression: (node) => report(node.end - 1, file.text.slice(node.start, node.end)),
        PropertyDefinition: (node) => {
          if (node.definite) report(node.start, file.text.slice(node.start, node.end))
        },
        VariableDeclarator: (node) => {
          if (node.definite) report(node.start, file.text.slice(node.start, node.end))
        },
      })
    }),
    bad: { 'src/server/a.ts': 'bytes[0]!.x', 'src/server/b.ts': 'class A { x!: number }' },
    good: { 'src/server/a.ts': 'if (!x) y !== z', 'src/protocol/jute-reader.ts': 'bytes[0]!' },
  },
  {
    id: 'noTypeAssertion',
    title: 'no as but as const',
    find: inEach(outsideCodecs, (file, report) => {
      file.visit({
        TSAsExpression: ({ typeAnnotation: { start, end } }) => {
          const type = file.text.slice(start, end)
          if (type !== 'const') report(start, `as ${type}`)
        },
        TSTypeAssertion: (node) => report(node.start, file.text.slice(node.start, node.end)),
      })
    }),
    bad: { 'src/server/a.ts': 'f(x as unknown as string)', 'src/server/b.ts': 'f(<string>x)' },
    good: { 'src/server/a.ts': 'import { a as b } from "./c.js"\nf([1] as const)' },
  },
  {
    id: 'erasable',
    title: 'no enum, no namespace, no declare global',
    find: inEach(inSource, (file, report) => {
      file.visit({
        TSEnumDeclaration: (node) => report(node.start, 'enum: use an `as const` table'),
        TSModuleDeclaration: ({ start, kind }) => report(start, `${kind}: a file is a module already`),
      })
    }),
    bad: {
      'src/a.ts': 'enum A { B }',
      'src/b.ts': 'namespace A {}',
      'src/c.ts': 'export {}\ndeclare global {}',
    },
    good: { 'src/a.ts': 'const namespace = "enum"' },
  },
  {
    id: 'noTsIgnore',
    title: 'no comment silences the compiler',
    find: inEach(/./, (file, report) => {
      for (const { value, start } of file.comments) {
        if (/^[\s*]*@ts-(ignore|expect-error|nocheck)/.test(value)) report(start, value.trim())
      }
    }),
    bad: { 'test/a.ts': '// @ts-nocheck\nf()' },
    good: { 'test/a.ts': '// The compiler would need @ts-nocheck here.' },
  },
]
