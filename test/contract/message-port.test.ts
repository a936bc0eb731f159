/** The contract over the target `message-port`. */
import { runContracts } from './contract.js'
import { CONTRACTS } from './contracts.js'
import { MESSAGE_PORT } from './targets/message-port.js'

runContracts(CONTRACTS, MESSAGE_PORT)
