/** What a watcher is told, and which watches there are, with the numbers of the wire. */
import { describe, expect, it } from 'vitest'
import { EventType, KeeperState } from '../../src/protocol/watched-event.js'
import { AddWatchMode, WatcherType } from '../../src/protocol/watcher.js'

describe('the numbers of the wire', () => {
  it('of event types', () => {
    expect(EventType).toEqual({
      None: -1,
      NodeCreated: 1,
      NodeDeleted: 2,
      NodeDataChanged: 3,
      NodeChildrenChanged: 4,
      DataWatchRemoved: 5,
      ChildWatchRemoved: 6,
      PersistentWatchRemoved: 7,
    })
  })

  it('of states', () => {
    expect(KeeperState).toMatchObject({
      Disconnected: 0,
      SyncConnected: 3,
      AuthFailed: 4,
      ConnectedReadOnly: 5,
      SaslAuthenticated: 6,
      Closed: 7,
      Expired: -112,
    })
  })

  it('of watcher types and modes', () => {
    expect(WatcherType).toEqual({ Children: 1, Data: 2, Any: 3, Persistent: 4, PersistentRecursive: 5 })
    expect(AddWatchMode).toEqual({ PERSISTENT: 0, PERSISTENT_RECURSIVE: 1 })
  })
})
