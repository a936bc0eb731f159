/** The contract over the target `unix-socket`. */
import { runContracts } from './contract.js'
import { CONTRACTS } from './contracts.js'
import { UNIX_SOCKET } from './targets/unix-socket.js'

runContracts(CONTRACTS, UNIX_SOCKET)
