/** Which requests take a zxid, and which zxid a reply and an event carry (reference 3.1, 3.2). */
import { describe, expect, it } from 'vitest'
import type { Request } from '../../../src/protocol/message.js'
import {
  auth,
  bytes,
  check,
  connectRaw,
  create,
  RawCnxn,
  read,
  remove,
  setACL,
  setData,
  startServer,
  worldACL,
} from '../fixture.js'

/** On a server with /a (children /a/b), whose last zxid is 3. */
const requests: readonly { readonly name: string; readonly request: Request; readonly takes: 0 | 1 }[] = [
  { name: 'create', request: create('/n'), takes: 1 },
  { name: 'create2', request: create('/n', { type: 'create2' }), takes: 1 },
  { name: 'createContainer', request: create('/n', { mode: 'CONTAINER' }), takes: 1 },
  { name: 'createTTL', request: create('/n', { mode: 'PERSISTENT_WITH_TTL' }), takes: 1 },
  { name: 'delete', request: remove('/a/b'), takes: 1 },
  { name: 'setData', request: setData('/a'), takes: 1 },
  { name: 'setACL', request: setACL('/a'), takes: 1 },
  { name: 'multi', request: { type: 'multi', ops: [setData('/a'), setData('/a')] }, takes: 1 },
  { name: 'a failed multi', request: { type: 'multi', ops: [setData('/a'), check('/x')] }, takes: 1 },
  { name: 'an empty multi', request: { type: 'multi', ops: [] }, takes: 1 },
  { name: 'closeSession', request: { type: 'closeSession' }, takes: 1 },
  { name: 'create refused for its mode', request: create('/n', { mode: undefined }), takes: 1 },
  { name: 'create refused for its path', request: create('n'), takes: 1 },
  { name: 'create refused for its ACL', request: create('/n', { acl: [] }), takes: 1 },
  { name: 'create refused for its parent', request: create('/x/n'), takes: 1 },
  { name: 'create of what exists', request: create('/a'), takes: 1 },
  { name: 'delete of what is missing', request: remove('/x'), takes: 1 },
  { name: 'delete of what has children', request: remove('/a'), takes: 1 },
  { name: 'setData with a wrong version', request: setData('/a', 'x', 9), takes: 1 },
  { name: 'setACL with a bad ACL', request: setACL('/a', []), takes: 1 },
  { name: 'exists', request: read('exists', '/a', true), takes: 0 },
  { name: 'exists of what is missing', request: read('exists', '/x', true), takes: 0 },
  { name: 'getData', request: read('getData', '/a', true), takes: 0 },
  { name: 'getChildren', request: read('getChildren2', '/a', true), takes: 0 },
  { name: 'getACL', request: { type: 'getACL', path: '/a' }, takes: 0 },
  { name: 'getAllChildrenNumber', request: { type: 'getAllChildrenNumber', path: '/a' }, takes: 0 },
  { name: 'getEphemerals', request: { type: 'getEphemerals', path: '' }, takes: 0 },
  { name: 'sync', request: { type: 'sync', path: '/a' }, takes: 0 },
  { name: 'multiRead', request: { type: 'multiRead', ops: [{ type: 'getData', path: '/a' }] }, takes: 0 },
  { name: 'whoAmI', request: { type: 'whoAmI' }, takes: 0 },
  { name: 'addWatch', request: { type: 'addWatch', path: '/a', mode: 'PERSISTENT' }, takes: 0 },
  { name: 'checkWatches', request: { type: 'checkWatches', path: '/a', watcherType: 'Any' }, takes: 0 },
  { name: 'removeWatches', request: { type: 'removeWatches', path: '/a', watcherType: 'Any' }, takes: 0 },
]

describe('a request [trap 4]', () => {
  it.each(requests)(
    'of the kind "$name" takes $takes zxid and its reply carries the last one',
    ({ request, takes }) => {
      const { zoo } = startServer()
      const cnxn = connectRaw(zoo)
      for (const path of ['/a', '/a/b']) cnxn.ask(create(path))

      const reply = cnxn.ask(request)

      expect(reply?.zxid).toBe(3 + takes)
      expect(zoo.reports.counts().zxid).toBe(BigInt(3 + takes))
    },
  )

  it('for an identity takes none and is answered with zxid 0', () => {
    const { zoo } = startServer()
    const cnxn = connectRaw(zoo)

    const reply = cnxn.ask(auth('digest', 'a:b'))

    expect([reply?.zxid, zoo.reports.counts().zxid]).toEqual([0, 1n])
  })
})

describe('a session [trap 4]', () => {
  it('takes one zxid to begin and one to end', () => {
    const { zoo } = startServer()
    const zxids: bigint[] = [zoo.reports.counts().zxid]

    const cnxn = connectRaw(zoo)
    zxids.push(zoo.reports.counts().zxid)
    cnxn.ask({ type: 'closeSession' })
    zxids.push(zoo.reports.counts().zxid)

    expect(zxids).toEqual([0n, 1n, 2n])
  })

  it('takes none when it is resumed, refused or cut', () => {
    const { zoo } = startServer()
    const first = connectRaw(zoo)
    const session = { id: first.sessionId, password: first.password }

    first.hangUp()
    new RawCnxn(zoo).open(session).hangUp()
    new RawCnxn(zoo).open({ ...session, password: new Uint8Array(16) })
    new RawCnxn(zoo).open({ ...session, id: 77n })

    expect(zoo.reports.counts().zxid).toBe(1n)
  })

  it('takes one when it expires, with all its ephemerals', async () => {
    const { zoo, clock } = startServer()
    const cnxn = connectRaw(zoo)
    for (const path of ['/a', '/b', '/c']) cnxn.ask(create(path, { mode: 'EPHEMERAL' }))
    cnxn.hangUp()

    await clock.advance(60_000)

    expect(zoo.reports.counts()).toMatchObject({ zxid: 5n, sessions: 0, ephemerals: 0 })
  })
})

describe('a sweep', () => {
  it('takes one zxid for each znode that it deletes, and none if there is nothing', async () => {
    const { zoo, clock } = startServer()
    const cnxn = connectRaw(zoo)
    for (const path of ['/a', '/b']) cnxn.ask(create(path, { mode: 'PERSISTENT_WITH_TTL' }))
    cnxn.ask(create('/c', { mode: 'CONTAINER' }))

    await clock.advance(180_000)

    expect(zoo.reports.counts().zxid).toBe(6n)
  })
})

describe('an event', () => {
  it('carries the zxid of its transaction, and all of one transaction the same', () => {
    const { zoo } = startServer()
    const [writer, watcher] = [connectRaw(zoo), connectRaw(zoo)]
    watcher.ask({ type: 'addWatch', path: '/', mode: 'PERSISTENT_RECURSIVE' })

    writer.ask({ type: 'multi', ops: [create('/a'), setData('/a'), remove('/a')] })
    writer.ask(create('/b', { data: bytes('x'), acl: worldACL(31) }))

    expect(watcher.log.slice(2)).toEqual([
      'NodeCreated /a 3',
      'NodeDataChanged /a 3',
      'NodeDeleted /a 3',
      'NodeCreated /b 4',
    ])
  })
})
