/** Requests as they stand on the wire, encoded before the clock starts. Only what the benchmark sends. */

const OPEN_ACL = Buffer.concat([int(1), int(31), text('world'), text('anyone')])

const NO_SESSION = Buffer.alloc(8 + 4 + 16)
NO_SESSION.writeInt32BE(16, 8)

/** A new session, or one as the answer to its first handshake had it: id and password. @param {number} timeoutMs @param {Uint8Array} session */
export function handshake(timeoutMs, session = NO_SESSION) {
  return frame([int(0), Buffer.alloc(8), int(timeoutMs), Buffer.from(session), Buffer.of(0)])
}

/** @param {number} xid @param {string[]} paths */
export function setDataWatches(xid, paths) {
  const none = int(0)
  return frame([int(xid), int(101), Buffer.alloc(8), int(paths.length), ...paths.map(text), none, none])
}

/** @param {number} xid @param {string} path @param {Uint8Array} data */
export function create(xid, path, data) {
  return frame([int(xid), int(1), text(path), bytes(data), OPEN_ACL, int(0)])
}

/** @param {number} xid @param {string} path @param {boolean} watch */
export function getData(xid, path, watch = false) {
  return frame([int(xid), int(4), text(path), Buffer.of(watch ? 1 : 0)])
}

/** @param {number} xid @param {string} path @param {Uint8Array} data */
export function setData(xid, path, data) {
  return frame([int(xid), int(5), text(path), bytes(data), int(-1)])
}

/** @param {number} xid @param {string} path */
export function remove(xid, path) {
  return frame([int(xid), int(2), text(path), int(-1)])
}

/** @param {Buffer[]} parts */
function frame(parts) {
  const body = Buffer.concat(parts)
  return Buffer.concat([int(body.length), body])
}

/** @param {number} value */
function int(value) {
  const buffer = Buffer.alloc(4)
  buffer.writeInt32BE(value)
  return buffer
}

/** @param {string} value */
function text(value) {
  return bytes(Buffer.from(value))
}

/** @param {Uint8Array} value */
function bytes(value) {
  return Buffer.concat([int(value.length), value])
}
