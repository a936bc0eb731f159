/** SoakWorld: where servers, listeners and clients of a soak come from, so that a test can put a leak into one of them. */
import {
  type ConnectOptions,
  EmbeddedZooKeeper,
  type EmbeddedZooKeeperOptions,
  type ZooKeeper,
} from '../../src/index.js'
import { type Endpoint, type ListenOptions, listen } from '../../src/node/index.js'

/** Makes what a stage works with. */
export interface SoakWorld {
  createServer(options: EmbeddedZooKeeperOptions): EmbeddedZooKeeper
  listen(zoo: EmbeddedZooKeeper, options: ListenOptions): Promise<Endpoint>
  connect(zoo: EmbeddedZooKeeper, options: ConnectOptions): Promise<ZooKeeper>
}

/** The code under test as it is. */
export const REAL_WORLD: SoakWorld = {
  createServer: (options) => new EmbeddedZooKeeper(options),
  listen: (zoo, options) => listen(zoo, options),
  connect: (zoo, options) => zoo.connect(options),
}
