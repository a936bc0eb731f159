/** Tests with time of their own: a member loses its link, and 16 virtual seconds later the others see it go. */
// region time
import { equal } from 'node:assert/strict'
import { EmbeddedZooKeeper } from 'zoolet'
import { VirtualClock } from 'zoolet/testing'

const clock = new VirtualClock()
const zoo = new EmbeddedZooKeeper({ clock })
const member = await zoo.connect({ sessionTimeoutMs: 10_000 })
const observer = await zoo.connect()
await member.create('/member', null, { mode: 'EPHEMERAL' })

zoo.disconnect(member) // its link is down, its session lives on
await clock.advance(9_000)
equal(await observer.exists('/member').then((stat) => stat !== null), true)

await clock.advance(7_000) // the timeout is over, rounded up to a whole tick
equal(await observer.exists('/member'), null)

member.once('expired', () => console.log('the member has heard that its session is over'))
zoo.reconnect(member) // only now can it learn so
await zoo.settle()
equal(member.state, 'CLOSED')
// endregion
zoo.expire(observer) // the shorter way: this session ends now, whatever the time
await zoo.settle()
equal(observer.state, 'CLOSED')
await zoo.close()
