/**
 * What a session saw, as lines that two implementations must share. Sorted where the reference promises no order:
 * watchers of one event, events of one session's end, catch-up events, categories of a removal.
 */
import { canonical } from './canonical.js'
import type { LogEntry, ModelEvent } from './model-calls.js'

/** What of a log has no order. */
export interface Unordered {
  /** Calls that were answered without the event queue. */
  readonly calls: ReadonlySet<number>
  /** Zxids of sessions that ended. */
  readonly endings: ReadonlySet<number>
}

/** A log as lines. */
export function logLines(log: readonly LogEntry[], unordered: Unordered): readonly string[] {
  const ordered: string[] = []
  const aside: string[] = []
  let run: string[] = []
  let runKey = ''
  const flush = (): void => {
    ordered.push(...run.sort())
    run = []
  }
  for (const entry of log) {
    if (entry.kind === 'reply' && unordered.calls.has(entry.call)) {
      aside.push(replyLine(entry))
      continue
    }
    const key = entry.kind === 'reply' ? `reply ${entry.call}` : tieOf(entry.event, unordered)
    if (key !== runKey) flush()
    runKey = key
    run.push(...(entry.kind === 'reply' ? [replyLine(entry)] : eventLines(entry)))
  }
  flush()
  return [...ordered, ...aside.sort()]
}

function replyLine({ call, reply }: LogEntry & { kind: 'reply' }): string {
  return `reply ${call} ${canonical(reply)}`
}

function eventLines({ event, watchers }: LogEntry & { kind: 'event' }): readonly string[] {
  const { type, state, path, zxid } = event
  return watchers.map(
    (watcher) => `event ${type} ${JSON.stringify(path)} ${state} zxid ${zxid} to ${watcher}`,
  )
}

/** Neighbours with the same text may change places. */
function tieOf({ type, state, path, zxid }: ModelEvent, { endings }: Unordered): string {
  if (type === 'None') return `state ${state}`
  if (type.endsWith('WatchRemoved')) return `removal of ${path}`
  if (zxid === -1) return 'catch-up'
  return endings.has(zxid) ? `ending ${zxid}` : `${zxid} ${type} ${path}`
}
