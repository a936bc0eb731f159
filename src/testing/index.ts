/** The door `zoolet/testing`: what makes tests of coordinating code quick and exact. Names only. */
export { VirtualClock } from './virtual-clock.js'
