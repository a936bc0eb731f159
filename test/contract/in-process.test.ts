/** The contract over the target `in-process`. */
import { runContracts } from './contract.js'
import { CONTRACTS } from './contracts.js'
import { IN_PROCESS } from './targets/in-process.js'

runContracts(CONTRACTS, IN_PROCESS)
