/** TreeNews: what is told by a recursive watch, and when anything may have changed. */
import { describe, expect, it } from 'vitest'
import { NO_ZXID, type WatchedEvent } from '../../src/protocol/watched-event.js'
import { TreeNews } from '../../src/recipes/tree-news.js'

/** News that has been looked at, all of it. */
function emptyNews(): TreeNews {
  const news = new TreeNews('/t')
  news.takeNeed()
  news.takeGap()
  return news
}

function state(name: WatchedEvent['state']): WatchedEvent {
  return { type: 'None', state: name, path: null, zxid: NO_ZXID }
}

describe('news of a tree', () => {
  it.each(['SyncConnected', 'ConnectedReadOnly'] as const)('is a gap when the client is %s', (name) => {
    const news = emptyNews()

    news.watcher(state(name))

    expect([news.takeGap(), news.takeNeed()]).toEqual([true, false])
  })

  it('is nothing yet when the client is disconnected', () => {
    const news = emptyNews()

    news.watcher(state('Disconnected'))

    expect(news.has).toBe(false)
  })

  it('is a gap, and a watch to be set, when another watch comes to the path', () => {
    const news = emptyNews()

    news.displaced()

    expect([news.takeNeed(), news.takeGap()]).toEqual([true, true])
  })

  it('is nothing when the server is known to keep the other watch beside this one', () => {
    const news = emptyNews()
    news.watcher({ type: 'NodeDataChanged', state: 'SyncConnected', path: '/t', zxid: 5n })
    news.takePaths()

    news.displaced()

    expect(news.has).toBe(false)
  })

  it('is a gap again once another server may be the one', () => {
    const news = emptyNews()
    news.watcher({ type: 'NodeDataChanged', state: 'SyncConnected', path: '/t', zxid: 5n })
    news.watcher(state('Disconnected'))
    news.takePaths()

    news.displaced()

    expect(news.takeNeed()).toBe(true)
  })
})
