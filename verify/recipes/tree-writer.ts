/** TreeWriter: somebody who writes below a path at random, for those who follow it. */
import type { ZooKeeper } from '../../src/index.js'

/** Writes something that a number decides; whether it succeeds depends on what is there. */
export async function writeSomething(zk: ZooKeeper, paths: readonly string[], n: number): Promise<void> {
  const path = paths[n % paths.length] ?? '/'
  const verb = Math.floor(n / paths.length) % 8
  const times = 1 + (Math.floor(n / 50) % 3)
  for (let i = 0; i < times; i++) {
    if (verb < 3) await zk.create(path, `${n}.${i}`).catch(ignore)
    if (verb === 2 || verb > 4) await zk.setData(path, `${n}-${i}`).catch(ignore)
    if (verb === 3 || verb === 4) await zk.delete(path).catch(ignore)
    if (verb === 7) await zk.deleteAll(path).catch(ignore)
    if (verb === 7) await zk.createAll(path, `${n}+${i}`).catch(ignore)
  }
}

/** There was such a znode, or none. */
function ignore(): void {}
