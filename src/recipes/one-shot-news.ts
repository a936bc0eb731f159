/**
 * What the recipes of one client tell each other: that one of them leaves a one-shot watch on data. A server before 3.9 keeps one mode
 * for each connection, path and table, so there a recursive watch on the same path is gone then. OneShot tells; TreeCache listens.
 */
import { EventEmitter } from 'eventemitter3'
import type { ZooKeeper } from '../client/zookeeper.js'

/** Recipes that share a client know nothing else of each other. */
const newsByClient = new WeakMap<ZooKeeper, EventEmitter<string>>() // tidy-ignore moduleState: it goes with the client

/** The listener is called just before a recipe of this client leaves a one-shot watch on the data at the path. Returns how to stop. */
export function onOneShot(zk: ZooKeeper, path: string, listener: () => void): () => void {
  const news = newsByClient.get(zk) ?? new EventEmitter<string>()
  newsByClient.set(zk, news)
  news.on(path, listener)
  return () => void news.off(path, listener)
}

/** A recipe of this client is about to leave a one-shot watch on the data at the path. */
export function tellOneShot(zk: ZooKeeper, path: string): void {
  newsByClient.get(zk)?.emit(path)
}
