/** The verification programme: its parts, and the command that runs one of them. */
import process from 'node:process'
import { bugBank } from './bugs/bug-bank-part.js'
import { runCommand } from './command-line.js'
import { differential } from './differential/differential-part.js'
import { golden } from './differential/golden-part.js'
import { fuzz } from './fuzz/fuzz-part.js'
import { history } from './history/history-part.js'
import { mutation } from './mutation/mutation-part.js'
import { recipes } from './recipes/recipes-part.js'
import { simulation } from './simulation/simulation-part.js'
import { soak } from './soak/soak-part.js'

const PARTS = [differential, golden, history, simulation, recipes, fuzz, soak, bugBank, mutation]

process.exitCode = await runCommand(PARTS, process.argv.slice(2))
