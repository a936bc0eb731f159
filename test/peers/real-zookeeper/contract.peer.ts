/** The contract over a real Apache ZooKeeper. */
import { runContracts } from '../../contract/contract.js'
import { CONTRACTS } from '../../contract/contracts.js'
import { createRealZooKeeper, REAL_ZOOKEEPER_NEED } from '../../contract/targets/real-zookeeper.js'
import { describePeer } from '../peer.js'

describePeer('a real Apache ZooKeeper', REAL_ZOOKEEPER_NEED, () => {
  runContracts(CONTRACTS, createRealZooKeeper())
})
