/** The contract over the target `tcp`. */
import { runContracts } from './contract.js'
import { CONTRACTS } from './contracts.js'
import { TCP } from './targets/tcp.js'

runContracts(CONTRACTS, TCP)
