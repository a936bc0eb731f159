/** What a reconnected client missed (reference 7.7): every list against every state of the znode, whole logs asserted. */
import { describe, expect, it } from 'vitest'
import type { SetWatchesRequest } from '../../src/protocol/message.js'
import {
  allBut,
  connectRaw,
  create,
  type RawCnxn,
  remove,
  setACL,
  setData,
  startServer,
} from '../semantics/fixture.js'

const LISTS = [
  'dataWatches',
  'existWatches',
  'childWatches',
  'persistentWatches',
  'persistentRecursiveWatches',
] as const
type List = (typeof LISTS)[number]

const changes: readonly {
  readonly state: string
  readonly wasThere: boolean
  readonly change: (cnxn: RawCnxn) => unknown
}[] = [
  { state: 'still missing', wasThere: false, change: () => undefined },
  { state: 'unchanged', wasThere: true, change: () => undefined },
  { state: 'created', wasThere: false, change: (cnxn) => cnxn.ask(create('/n')) },
  { state: 'deleted', wasThere: true, change: (cnxn) => cnxn.ask(remove('/n')) },
  { state: 'given data', wasThere: true, change: (cnxn) => cnxn.ask(setData('/n')) },
  { state: 'given an ACL', wasThere: true, change: (cnxn) => cnxn.ask(setACL('/n')) },
  { state: 'given a child', wasThere: true, change: (cnxn) => cnxn.ask(create('/n/x')) },
  {
    state: 'recreated',
    wasThere: true,
    change: (cnxn) => {
      cnxn.ask(remove('/n'))
      cnxn.ask(create('/n'))
    },
  },
  { state: 'locked', wasThere: true, change: (cnxn) => cnxn.ask(setACL('/n', allBut('READ'))) },
  {
    state: 'given data and locked',
    wasThere: true,
    change: (cnxn) => {
      cnxn.ask(setData('/n'))
      cnxn.ask(setACL('/n', allBut('READ')))
    },
  },
]

/** What each list answers: an event at once, a dash for the watch armed anew, `nothing` for neither. */
const answers: Readonly<Record<string, readonly string[]>> = {
  'still missing': ['NodeDeleted', '-', 'NodeDeleted', '-', '-'],
  unchanged: ['-', 'NodeCreated', '-', '-', '-'],
  created: ['NodeDataChanged', 'NodeCreated', 'NodeChildrenChanged', '-', '-'],
  deleted: ['NodeDeleted', '-', 'NodeDeleted', '-', '-'],
  'given data': ['NodeDataChanged', 'NodeCreated', '-', '-', '-'],
  'given an ACL': ['-', 'NodeCreated', '-', '-', '-'],
  'given a child': ['-', 'NodeCreated', 'NodeChildrenChanged', '-', '-'],
  recreated: ['NodeDataChanged', 'NodeCreated', 'NodeChildrenChanged', '-', '-'],
  locked: ['-', 'nothing', '-', '-', '-'],
  'given data and locked': ['nothing', 'nothing', '-', '-', '-'],
}

const TABLES: Readonly<Record<List, readonly string[]>> = {
  dataWatches: ['data standard'],
  existWatches: ['data standard'],
  childWatches: ['child standard'],
  persistentWatches: ['data persistent', 'child persistent'],
  persistentRecursiveWatches: ['data recursive'],
}

function requestWith(
  lists: Partial<Record<List, readonly string[]>>,
  relativeZxid: number,
): SetWatchesRequest {
  const none = Object.fromEntries(LISTS.map((list) => [list, []]))
  return { type: 'setWatches', relativeZxid, ...none, ...lists } as SetWatchesRequest
}

describe('setWatches', () => {
  const cells = changes.flatMap((cell) =>
    LISTS.map((list, i) => ({ ...cell, list, answer: answers[cell.state]?.[i] ?? 'missing' })),
  )

  it.each(cells)(
    'answers $list for a znode that is $state with $answer',
    ({ wasThere, change, list, answer }) => {
      const { zoo } = startServer()
      const [writer, client] = [connectRaw(zoo), connectRaw(zoo)]
      if (wasThere) writer.ask(create('/n'))
      const seen = Number(zoo.reports.counts().zxid)
      change(writer)
      const now = Number(zoo.reports.counts().zxid)

      client.ask(requestWith({ [list]: ['/n'] }, seen))

      const isEvent = answer.startsWith('Node')
      const watches = [...zoo.reports.watchesByPath().values()].flat()
      expect(client.log.slice(1)).toEqual([...(isEvent ? [`${answer} /n -1`] : []), `reply 1 OK ${now}`])
      expect(watches.map(({ table, modes }) => `${table} ${modes.join('+')}`)).toEqual(
        answer === '-' ? TABLES[list] : [],
      )
    },
  )

  it('answers list after list, in the order data, exist, child', () => {
    const { zoo } = startServer()
    const client = connectRaw(zoo)
    client.ask(create('/n'))

    client.ask(
      requestWith({ childWatches: ['/c', '/n'], existWatches: ['/n'], dataWatches: ['/d', '/n'] }, 1),
    )

    expect(client.log.slice(2)).toEqual([
      'NodeDeleted /d -1',
      'NodeDataChanged /n -1',
      'NodeCreated /n -1',
      'NodeDeleted /c -1',
      'NodeChildrenChanged /n -1',
      'reply 2 OK 2',
    ])
  })

  it('tells of a missing znode in two lists twice', () => {
    const client = connectRaw(startServer().zoo)

    client.ask(requestWith({ dataWatches: ['/n'], childWatches: ['/n'] }, 1))

    expect(client.log.slice(1, -1)).toEqual(['NodeDeleted /n -1', 'NodeDeleted /n -1'])
  })

  it.each(LISTS)('checks no path of %s', (list) => {
    const client = connectRaw(startServer().zoo)

    expect(client.code(requestWith({ [list]: ['relative', '', '/a//b'] }, 1))).toBe('OK')
  })
})
