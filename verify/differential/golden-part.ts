/** The part `golden`: records what a real Apache ZooKeeper shows, for machines where there is none. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { type Part, say } from '../part.js'
import { findGoldenSteps } from './golden-steps.js'
import { report } from './report.js'
import { runOnce } from './run-once.js'
import { requireApache, startAll } from './subjects.js'
import { formatTrace } from './trace.js'

const FOLDER = 'test/golden'
/** What this part has written; others are failures of the part `differential` that were mended. */
const OWN_FILE = /^(random|cells)-\d+\.trace\.jsonl$/

/** Writes the traces anew, or none of them. */
export const golden: Part = {
  name: 'golden',
  summary: `records traces of a real ZooKeeper in ${FOLDER}/, which every npm test replays`,
  ignores: ['runs'],
  options: {},
  run: async ({ seed }) => {
    requireApache()
    const texts = new Map<string, string>()
    for (const [i, { name, steps }] of (await findGoldenSteps(seed)).entries()) {
      const { failure, done, trace } = await runOnce(startAll, (each) => each.replay(steps))
      if (failure !== undefined) {
        const repeat = `npm run verify -- golden --seed ${seed}`
        await report(
          { part: 'golden', file: `golden-${name}-${seed}`, seed, run: i + 1, repeat, done, failure },
          startAll,
        )
        return false
      }
      texts.set(`${name}.trace.jsonl`, formatTrace(trace))
    }
    mkdirSync(FOLDER, { recursive: true })
    for (const file of readdirSync(FOLDER)) if (OWN_FILE.test(file)) rmSync(`${FOLDER}/${file}`)
    for (const [file, text] of texts) {
      writeFileSync(`${FOLDER}/${file}`, text)
      say(`${FOLDER}/${file}: ${text.split('\n').length - 1} steps, ${text.length} characters`)
    }
    return true
  },
}
