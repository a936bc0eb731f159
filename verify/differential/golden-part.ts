/** The part `golden`: records what a real Apache ZooKeeper shows, for machines where there is none. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { isApacheInstalled } from '../../test/peers/apache-process.js'
import { type Part, say } from '../part.js'
import { Random } from '../random.js'
import { Differential } from './differential.js'
import { startApache, startInProcess } from './subjects.js'
import { formatTrace, RecordingSide } from './trace.js'

const FOLDER = 'test/golden'
const SLOTS = 4
/** One trace each. */
const PLANS = [
  { steps: 300, maxWindow: 1 },
  { steps: 300, maxWindow: 1 },
  { steps: 120, maxWindow: 8 },
  { steps: 60, maxWindow: 32 },
] as const

/** Writes the traces anew. */
export const golden: Part = {
  name: 'golden',
  summary: `records traces of a real ZooKeeper in ${FOLDER}/, which every npm test replays`,
  options: {},
  run: async (options) => {
    if (!isApacheInstalled()) throw new Error('There is no Apache ZooKeeper here: apt-get install zookeeper')
    mkdirSync(FOLDER, { recursive: true })
    for (const [i, { steps, maxWindow }] of PLANS.entries()) {
      const [{ subject: leader, zoo }, apache] = [startInProcess(), await startApache()]
      const recording = new RecordingSide(apache)
      const differential = new Differential({ leader, zoo, alike: [], real: [recording] })
      const random = new Random(options.seed, i)
      const failure = await differential.generate(random, { steps, slots: SLOTS, maxWindow })
      await leader.close()
      await apache.close()
      if (failure !== undefined) {
        say(
          `The real server and zoolet differ in step ${differential.done.length}: see the part differential`,
        )
        return false
      }
      const file = `${FOLDER}/random-${i + 1}.trace.jsonl`
      writeFileSync(file, formatTrace(recording.trace))
      say(`${file}: ${steps} steps, up to ${maxWindow} requests at a time`)
    }
    return true
  },
}
