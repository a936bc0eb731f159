/** The scenario `acls`: znodes that come and go with ACLs of ten thousand different lists. */
import { type ACL, Op, Perms, type ZooKeeper } from '../../src/index.js'
import type { Random } from '../random.js'
import type { Scenario, Stage, Work } from './scenario.js'
import { StageServer } from './stage-server.js'
import type { SoakWorld } from './world.js'

const MIB = 1_048_576
const LISTS = 10_000
/** Znodes that live at the same time. */
const BATCH = 500
/** Of so many znodes one gets a second list, and one is created in a multi. */
const SPECIAL = 4
const BYTE = 256

/** Five million. */
export const acls: Scenario = {
  name: 'acls',
  operation: 'one znode created with an ACL, and deleted',
  limit: { floorBytes: MIB, bytesPerOperation: 0 },
  stages: [{ title: '10,000 lists', operations: 5_000_000, warmUp: 10_000, open }],
}

async function open(world: SoakWorld, random: Random): Promise<Stage> {
  const server = new StageServer(world)
  const zk = await server.connect()
  await zk.create('/acls')
  return new AclsStage(server, zk, random)
}

class AclsStage implements Stage {
  readonly server: StageServer
  readonly #zk: ZooKeeper
  readonly #random: Random
  /** The lists of each round of work are its own: what the warm-up left must not hide what the rest leaves. */
  #rounds = 0

  constructor(server: StageServer, zk: ZooKeeper, random: Random) {
    this.server = server
    this.#zk = zk
    this.#random = random
  }

  async work(operations: number): Promise<Work> {
    this.#rounds += 1
    for (let done = 0; done < operations; done += BATCH) {
      const numbers = Array.from({ length: Math.min(BATCH, operations - done) }, (_, i) => done + i)
      await Promise.all(numbers.map((number) => this.#createAndChange(number)))
      await Promise.all(numbers.map((number) => this.#zk.delete(pathOf(number))))
    }
    await this.server.zoo.settle()
    return { operations, faults: [], notes: [] }
  }

  async #createAndChange(number: number): Promise<void> {
    const path = pathOf(number)
    const acl = this.#list(number % LISTS)
    if (number % SPECIAL === 0) await this.#zk.multi([Op.create(path, null, { acl })])
    else await this.#zk.create(path, null, { acl })
    if (number % SPECIAL === 1) await this.#zk.setACL(path, this.#list(this.#random.int(LISTS)))
  }

  /** New objects and new text each time. Everybody may administer, so that a list can be replaced. */
  #list(number: number): ACL[] {
    const user = `user-${this.#rounds}-${number}`
    const address = `10.${this.#rounds % BYTE}.${Math.floor(number / BYTE)}.${number % BYTE}`
    return [
      { perms: Perms.ALL, scheme: 'digest', id: `${user}:ZmFrZSBkaWdlc3Qgb2YgYSB1c2VyCg=` },
      { perms: Perms.READ, scheme: 'ip', id: address },
      { perms: Perms.ADMIN, scheme: 'world', id: 'anyone' },
    ]
  }
}

function pathOf(number: number): string {
  return `/acls/n-${number % BATCH}`
}
