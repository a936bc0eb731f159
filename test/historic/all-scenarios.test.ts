/**
 * The list of 91 historic bugs of ZooKeeper and its clients is complete here: each is a named test in this folder, or stands among
 * those that cannot apply, with the reason.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { NOT_APPLICABLE_OTHERS } from './not-applicable-others.js'
import { NOT_APPLICABLE_WATCHES } from './not-applicable-watches.js'

const SCENARIOS = 91
const FOLDER = new URL('./', import.meta.url)
/** `describe('17. CK-92480, CK-93213: ...'`. */
const TITLE = /^describe\('(\d+)\. /gm

function testedScenarios(): Set<number> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.test.ts'))
  const texts = files.map((file) => readFileSync(new URL(file, FOLDER), 'utf8'))
  return new Set(texts.flatMap((text) => [...text.matchAll(TITLE)].map(([, number]) => Number(number))))
}

it('each historic bug has its test, or the reason why not', () => {
  const tested = testedScenarios()
  const listed = [...NOT_APPLICABLE_WATCHES, ...NOT_APPLICABLE_OTHERS]
  const numbers = Array.from({ length: SCENARIOS }, (_, i) => i + 1)

  expect(numbers.filter((n) => !tested.has(n) && !listed.some(({ scenario }) => scenario === n))).toEqual([])
  expect([...tested].filter((n) => !numbers.includes(n))).toEqual([])
  for (const { reason } of listed) expect(reason.length).toBeGreaterThan(20)
})
