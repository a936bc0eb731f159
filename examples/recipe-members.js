/** Monitoring of members: who is there, who has come, who has gone, whether by a goodbye or by a crash. */
import { deepEqual } from 'node:assert/strict'
import { EmbeddedZooKeeper } from 'zoolet'
import { GroupMembership } from 'zoolet/recipes'

const zoo = new EmbeddedZooKeeper()
const [one, two, monitor] = await Promise.all([zoo.connect(), zoo.connect(), zoo.connect()])
/** @type {string[]} */
const log = []

// region members
const stop = new AbortController()
const watching = (async () => {
  const group = new GroupMembership(monitor, '/members')
  for await (const { members, joined, left } of group.watch({ signal: stop.signal })) {
    for (const { id } of joined) log.push(`${id} joined`)
    for (const { id } of left) log.push(`${id} left`)
    log.push(`${members.length} there`)
  }
})()
// endregion
await zoo.settle()
const group = new GroupMembership(one, '/members')
await group.join('one', 'a host name, a load, whatever the others should know')
await zoo.settle()
await new GroupMembership(two, '/members').join('two')
await zoo.settle()
await group.leave()
await zoo.settle()
zoo.expire(two) // a crash, as the server sees it
await zoo.settle()
stop.abort()
await watching
console.log(log.join(', '))
const [first, second] = ['one joined, 1 there', 'two joined, 2 there']
deepEqual(log.join(', '), `0 there, ${first}, ${second}, one left, 1 there, two left, 0 there`)
await zoo.close()
