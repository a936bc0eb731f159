/** Task scheduling: tasks wait in a queue, each is done by one worker at a time, and that of a worker that dies by another. */
import { deepEqual } from 'node:assert/strict'
import { EmbeddedZooKeeper } from 'zoolet'
import { TaskQueue } from 'zoolet/recipes'

const zoo = new EmbeddedZooKeeper()
const [producer, clumsy, steady] = await Promise.all([zoo.connect(), zoo.connect(), zoo.connect()])
/** @type {string[]} */
const done = []

// region put
const queue = new TaskQueue(producer, '/tasks')
await queue.put('water the plants')
await queue.put('feed the lions', { priority: 0 })
// endregion

const lions = await new TaskQueue(clumsy, '/tasks').take() // the most urgent one
zoo.expire(clumsy) // and dies: the task is free again
await zoo.settle()
console.log('still certain of it?', !lions.signal.aborted)

// region work
const stop = new AbortController()
const working = new TaskQueue(steady, '/tasks').process(
  (task) => {
    done.push(new TextDecoder().decode(task.data ?? undefined)) // may come twice: do it so that twice is once
  },
  { signal: stop.signal },
)
// endregion
await zoo.settle()
stop.abort()
await working
console.log('done:', done.join(', '))
deepEqual(done, ['feed the lions', 'water the plants'])
await zoo.close()
