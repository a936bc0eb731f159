/** What an embedded server holds at the moment, as the generator asks for it. */
import type { EmbeddedZooKeeper } from '../../src/index.js'
import type { View } from './generate.js'

const RESERVED = /^\/zookeeper(\/|$)/

/** A look at the server, good until it changes. */
export function viewOf(zoo: EmbeddedZooKeeper): View {
  const znodes = new Map(zoo.reports.znodes().map(({ path, stat }) => [path, stat]))
  return {
    paths: [...znodes.keys()].filter((path) => path !== '/' && !RESERVED.test(path)),
    zxid: Number(zoo.reports.counts().zxid),
    versionsOf: (path) => znodes.get(path),
  }
}
