/**
 * The main job, told from the start: one server in this process, three clients, their watches and what fires them.
 * Every line with a name in front is printed by what really happened; run it with `npm start`.
 */
import { EmbeddedZooKeeper, isKeeperException } from 'zoolet'

const zoo = new EmbeddedZooKeeper()
const ann = await join('ann')
const bob = await join('bob')
const cyd = await join('cyd')

/** @param {string[]} lines */
function tell(...lines) {
  console.log(`\n${lines.join('\n')}`)
}

/** Connects a client that says what it does and what it hears. @param {string} name */
async function join(name) {
  const zk = await zoo.connect()
  /** @type {(what: string) => void} */
  const say = (what) => console.log(`    ${name}  ${what}`)
  /** @type {import('zoolet').Watcher} */
  const hear = ({ type, path, state }) =>
    say(type === 'None' ? `<- now ${state}` : `<- event ${type} ${path}`)

  /** @type {(path: string, data: string, mode?: import('zoolet').CreateMode) => Promise<void>} */
  async function create(path, data, mode = 'PERSISTENT') {
    say(`creates ${await zk.create(path, data, { mode })}: "${data}" (${mode})`)
  }

  /** @type {(path: string, watcher?: import('zoolet').Watcher) => Promise<number>} */
  async function read(path, watcher) {
    const { data, stat } = await zk.getData(path, watcher && { watcher })
    const text = new TextDecoder().decode(data ?? undefined)
    say(`reads ${path}: "${text}" (version ${stat.version})${watcher ? ', leaving a watch' : ''}`)
    return stat.version
  }

  /** @type {(path: string, data: string, version?: number) => Promise<void>} */
  async function write(path, data, version = -1) {
    const what = `writes ${path}: "${data}"${version < 0 ? '' : ` if version is ${version}`}`
    try {
      const stat = await zk.setData(path, data, version)
      say(`${what} -> version ${stat.version}`)
    } catch (error) {
      if (!isKeeperException(error, 'BADVERSION')) throw error
      say(`${what} -> refused: ${error.code}`)
    }
    await zoo.settle()
  }

  /** Does not wait for anything before it asks. @type {(path: string) => Promise<void>} */
  async function ask(path) {
    say(`asks for ${path}`)
    const { data, stat } = await zk.getData(path)
    say(`-> answer "${new TextDecoder().decode(data ?? undefined)}" (version ${stat.version})`)
  }

  /** @type {(path: string, watcher?: import('zoolet').Watcher) => Promise<void>} */
  async function list(path, watcher) {
    const { children } = await zk.getChildren(path, watcher && { watcher })
    say(`lists ${path}: ${children.join(', ')}${watcher ? ', leaving a watch' : ''}`)
  }

  return { zk, say, hear, create, read, write, ask, list }
}

tell('One ZooKeeper server in this process, and three clients: ann, bob and cyd.')

tell('1. A ZNODE is like a small file: a path, data, and a version that counts writes.')
await ann.create('/color', 'blue')
await bob.read('/color')

tell(
  '2. A WATCH asks the server to tell you of the next change. A read leaves one for the',
  '   data, a list one for the children; it fires ONCE and is gone. The event names the',
  '   znode and not its new data.',
)
await ann.read('/color', ann.hear)
await bob.write('/color', 'green')
tell('   Nobody watches now, so of the next two writes ann hears nothing:')
await bob.write('/color', 'red')
await bob.write('/color', 'gold')
tell('   She reads again and watches anew. She has the latest; "red" she never sees.')
await ann.read('/color', ann.hear)

tell(
  '3. ORDER: bob writes, and ann asks for the data at the same moment, without waiting',
  '   for her event. Even so the event reaches her before the new data. (A line about a',
  '   write appears when its answer is there, so an event may stand above it.)',
)
await Promise.all([bob.write('/color', 'pink'), ann.ask('/color')])
console.log(
  `   The same again, 1000 times: new data, and the event before it, in ${await countEventFirst(1000)}.`,
)

tell(
  '4. A VERSION lets two writers share a znode. Both read it, and both write only',
  '   if it is unchanged. The second is refused (bad version), so it cannot overwrite\n   what it has not seen; it reads again and decides anew.',
)
const seenByAnn = await ann.read('/color')
const seenByBob = await bob.read('/color')
await ann.write('/color', 'gray', seenByAnn)
await bob.write('/color', 'teal', seenByBob)
await bob.write('/color', 'teal', await bob.read('/color'))

tell(
  '5. A SESSION begins when a client connects and ends when it closes, or when nothing',
  `   was heard of it for too long: here ${ann.zk.sessionTimeoutMs / 1000} seconds. An EPHEMERAL znode goes with the`,
  '   session of the client that made it; a PERSISTENT one stays.',
)
await ann.create('/team', 'who is alive')
await bob.create('/team/bob', 'room 1', 'EPHEMERAL')
await cyd.create('/team/cyd', 'room 2', 'EPHEMERAL')
await ann.list('/team', ann.hear)
tell('   Now cyd closes. Had it crashed, the same would happen when its time is up:')
cyd.say('closes')
await cyd.zk.close()
await zoo.settle()
await ann.list('/team')

tell(
  '6. A PERSISTENT RECURSIVE watch stays after it fires, and tells of every change at',
  '   its path and below, as long as it is connected; its events name what changed.',
)
await bob.zk.addWatch('/team', bob.hear, { recursive: true })
bob.say('watches /team and all below it')
await ann.create('/team/ann', 'room 3', 'EPHEMERAL')
await zoo.settle()
await ann.write('/team/ann', 'room 4')

tell(
  '7. DISCONNECTED is not dead. If ann is back within those 30 seconds, her session, her',
  '   watches and her ephemeral znode are still there; later all three are gone.',
)
await ann.read('/color', ann.hear)
zoo.disconnect(ann.zk)
await zoo.settle()
await bob.write('/color', 'plum')
await bob.write('/color', 'jade')
await bob.list('/team')
tell('   Back again, with the same session, her watch fires: once, as always.')
zoo.reconnect(ann.zk)
await zoo.settle()
await ann.read('/color')

tell('8. The end: ann closes, then bob. He still watches /team, and so hears of it:')
await zoo.close()

/** How often, in so many rounds, the event comes before the data that fired it. @param {number} rounds */
async function countEventFirst(rounds) {
  let count = 0
  for (let round = 0; round < rounds; round++) {
    /** @type {string[]} */
    const order = []
    await ann.zk.getData('/color', { watcher: () => void order.push('event') })
    const writing = bob.zk.setData('/color', `pink ${round}`)
    const { data } = await ann.zk.getData('/color')
    order.push(new TextDecoder().decode(data ?? undefined))
    await writing
    if (order.join() === `event,pink ${round}`) count += 1
  }
  return count
}
