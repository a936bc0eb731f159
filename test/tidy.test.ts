/**
 * The house style as a test: every rule holds for the whole repository, and every rule is one that can fail.
 * The rules stand in tidy/, by what they are about.
 */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { commentRules } from './tidy/comment-rules.js'
import { importRules } from './tidy/import-rules.js'
import { purityRules } from './tidy/purity-rules.js'
import { parseSample, violations } from './tidy/rule.js'
import { shapeRules } from './tidy/shape-rules.js'
import { sourceFiles } from './tidy/source-file.js'
import { typeRules } from './tidy/type-rules.js'

const rules = [...shapeRules, ...importRules, ...typeRules, ...purityRules, ...commentRules]
const root = fileURLToPath(new URL('..', import.meta.url))
const files = sourceFiles(root, ['src', 'test', 'bench', 'examples', 'scripts', 'verify', 'vitest.config.ts'])

describe('in this repository', () => {
  for (const rule of rules) {
    it(rule.title, () => {
      expect(violations(rule, files)).toEqual([])
    })
  }
})

describe('the detector of a rule', () => {
  for (const rule of rules) {
    it(`finds each bad sample and no good one: ${rule.title}`, () => {
      const found = violations(rule, parseSample(rule.bad)).map((line) => line.split(':')[0])

      expect([...new Set(found)]).toEqual(Object.keys(rule.bad))
      expect(violations(rule, parseSample(rule.good))).toEqual([])
    })
  }

  it('passes over a line that names the rule and gives a reason', () => {
    const excused = parseSample({
      'src/a.ts': 'let x: any // tidy-ignore noExplicitAny: the sample of a reason',
      'src/b.ts': '// biome-ignore lint/suspicious/noExplicitAny: the same\nlet x: any',
      'src/c.ts': 'let x: any // tidy-ignore noExplicitAny:',
    })

    const found = typeRules.flatMap((rule) => violations(rule, excused))

    expect(found).toEqual(['src/c.ts:1 noExplicitAny: any'])
  })
})
