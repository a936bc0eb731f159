/**
 * The invariants that the house style names, as functions that list what is broken. An empty list is health.
 * They read public reports, and of the tree and the watch manager what these show of themselves.
 */
import type { DataTree } from '../../src/server/data-tree.js'
import type { Reports, WatchReport, ZnodeReport } from '../../src/server/reports.js'
import type { WatchManager } from '../../src/server/watch-manager.js'

/** Everything that the reports of a server can show to be broken. */
export function brokenInServer(reports: Reports): readonly string[] {
  const znodes = reports.znodes()
  const live = new Set(reports.sessions().map(({ id }) => id))
  return [
    ...brokenFamilies(znodes),
    ...brokenEphemerals(znodes, live),
    ...brokenTables(reports, live),
    ...brokenCounts(reports, znodes),
  ]
}

/** Every znode but `/` has a parent that stands before it; numChildren is the number of children. */
function brokenFamilies(znodes: readonly ZnodeReport[]): readonly string[] {
  const broken: string[] = []
  const children = new Map<string, number>()
  for (const { path } of znodes) {
    if (children.has(path)) broken.push(`${path} is there twice`)
    children.set(path, 0)
    if (path === '/') continue
    const parent = path.slice(0, path.lastIndexOf('/')) || '/'
    const siblings = children.get(parent)
    if (siblings === undefined) broken.push(`${path} stands without or before its parent`)
    else children.set(parent, siblings + 1)
  }
  for (const { path, stat } of znodes) {
    if (stat.numChildren !== children.get(path)) broken.push(`${path} has numChildren ${stat.numChildren}`)
    if ((stat.cversion + stat.numChildren) % 2 !== 0) broken.push(`${path} has cversion ${stat.cversion}`)
    if (stat.mzxid < stat.czxid || stat.pzxid < stat.czxid)
      broken.push(`${path} was changed before it was made`)
  }
  return broken
}

/** T4: ephemerals belong to live sessions and have no children. */
function brokenEphemerals(znodes: readonly ZnodeReport[], live: ReadonlySet<bigint>): readonly string[] {
  return znodes.flatMap(({ path, stat, kind }) => {
    if ((kind === 'ephemeral') !== (stat.ephemeralOwner !== 0n))
      return [`${path} is ${kind} of ${stat.ephemeralOwner}`]
    if (kind !== 'ephemeral') return []
    if (stat.numChildren > 0) return [`the ephemeral ${path} has children`]
    return live.has(stat.ephemeralOwner) ? [] : [`${path} belongs to a session that is over`]
  })
}

/** W10: both directions of the watch tables hold the same, nothing empty, and only of sessions with a connection. */
function brokenTables(reports: Reports, live: ReadonlySet<bigint>): readonly string[] {
  const lines = (maps: ReadonlyMap<unknown, readonly WatchReport[]>): readonly string[] =>
    [...maps.values()].flatMap((watches) => watches.map(showWatch)).sort()
  const byPath = reports.watchesByPath()
  const bySession = reports.watchesBySession()
  const broken: string[] = []
  if (lines(byPath).join() !== lines(bySession).join()) broken.push('watchTable and watch2Paths differ')
  for (const [key, watches] of [...byPath, ...bySession]) {
    if (watches.length === 0) broken.push(`an empty set is kept for ${key}`)
    for (const watch of watches) {
      if (watch.modes.length === 0) broken.push(`a watch without a mode is kept: ${showWatch(watch)}`)
      if (!live.has(watch.sessionId)) broken.push(`a watch of nobody is kept: ${showWatch(watch)}`)
    }
  }
  return broken
}

function showWatch({ sessionId, path, table, modes }: WatchReport): string {
  return `${sessionId} ${table} ${path} ${modes.join('+')}`
}

/** The counters agree with what they count. */
function brokenCounts(reports: Reports, znodes: readonly ZnodeReport[]): readonly string[] {
  const counts = reports.counts()
  const watches = [...reports.watchesByPath().values()].flat().length
  const expected = {
    znodes: znodes.length,
    ephemerals: znodes.filter(({ kind }) => kind === 'ephemeral').length,
    sessions: reports.sessions().length,
    watches,
    dataBytes: znodes.reduce((sum, { data }) => sum + (data?.length ?? 0), 0),
  }
  return Object.entries(expected).flatMap(([name, value]) => {
    const counted = Object.entries(counts).find(([each]) => each === name)?.[1]
    return counted === value ? [] : [`counts().${name} is ${counted} and not ${value}`]
  })
}

/** Each znode of a tree is listed once by its parent, lists nobody else, and is filed under its owner. */
export function brokenInTree(tree: DataTree): readonly string[] {
  const broken: string[] = []
  const listed = new Set<string>(['/'])
  for (const [path, node] of tree.entries()) {
    const names = node.childNames()
    for (const name of names) {
      const child = path === '/' ? `/${name}` : `${path}/${name}`
      if (tree.findNode(child) === undefined) broken.push(`${path} lists ${name}, which is gone`)
      if (listed.has(child)) broken.push(`${child} is listed twice`)
      listed.add(child)
    }
    if (node.childCount !== names.length) broken.push(`${path} counts ${node.childCount} children`)
    if (node.createdCount < 0) broken.push(`${path} has created ${node.createdCount}`)
  }
  for (const [path] of tree.entries()) if (!listed.has(path)) broken.push(`${path} is listed by nobody`)
  return broken
}

/** One table of watches holds the same pairs in both directions, no empty set, and counts them right. */
export function brokenInManager(manager: WatchManager): readonly string[] {
  const broken: string[] = []
  let byPath = 0
  for (const path of manager.paths) {
    const watchers = manager.watchersOf(path)
    if (watchers.length === 0) broken.push(`watchTable keeps an empty set for ${path}`)
    for (const watcher of watchers) {
      byPath += 1
      if (!manager.pathsOf(watcher).includes(path)) broken.push(`watch2Paths misses a watcher of ${path}`)
    }
  }
  let byWatcher = 0
  for (const watcher of manager.watchers) {
    const paths = manager.pathsOf(watcher)
    if (paths.length === 0) broken.push('watch2Paths keeps an empty set')
    if (manager.countOf(watcher) !== paths.length)
      broken.push(`${manager.countOf(watcher)} counted, ${paths.length} kept`)
    for (const path of paths) {
      byWatcher += 1
      if (!manager.pathsOf(watcher).includes(path)) broken.push(`${path} is kept without a mode`)
      if (!manager.watchersOf(path).includes(watcher)) broken.push(`watchTable misses a watcher of ${path}`)
    }
  }
  if (byPath !== byWatcher || manager.size !== byPath)
    broken.push(`size ${manager.size}, ${byPath} by path, ${byWatcher} by watcher`)
  return broken
}
