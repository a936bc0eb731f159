/**
 * The target `client`: our client against a server that says whatever the input holds, while one call of each kind is under way.
 * Whatever it hears, every call settles, with a result or with an error that is documented; it comes back once there is an honest
 * server; and when it is closed, nothing of it is left.
 */
import {
  capturedAnswers,
  capturedNotifications,
  capturedReplies,
} from '../../../test/protocol/captured-replies.js'
import { join } from '../../../test/protocol/hex.js'
import { cutFrames, intBytes, joinFrames, piecesOf } from '../frames.js'
import { nextTurn, type Target } from '../target.js'
import { CLIENT_CALLS } from './client-calls.js'
import { CHROOT, ClientScene } from './client-scene.js'
import { WORDS } from './words.js'

/** Bits of the third byte of an input. The first is the size of the pieces, the second the call that is made first. */
const HANDSHAKE = 1
const HANG_UP = 2
// CHROOT is 4.

const HEAD_BYTES = 3
/** Pieces between which the client has a turn. */
const SLOW_PIECES = 4
/** Longer than a call or a connection waits. */
const PATIENCE_MS = 14_000
/** Longer than a client waits for the answer to its goodbye. */
const GOODBYE_MS = 8000

/** An input is a head of three bytes, then what the server sends. */
export function createClientTarget(): Target {
  return {
    name: 'client',
    shape: { headBytes: HEAD_BYTES, isFramed: true, words: WORDS },
    seeds: [...seeds()],
    regression: 'test/transport/wire-client-end.test.ts',
    inputs: 6000,
    batch: 64,
    run,
  }
}

async function run(input: Uint8Array): Promise<void> {
  const [pieceBytes = 0, first = 0, flags = 0] = input
  const stream = input.subarray(HEAD_BYTES)
  const scene = new ClientScene(flags)
  await scene.dialled()
  const isHostileFromTheStart = (flags & HANDSHAKE) !== 0
  // The answer to the handshake comes by itself, so that there are calls under way when the rest comes.
  const [opening] = isHostileFromTheStart ? cutFrames(stream).frames : []
  const opened = opening === undefined ? 0 : 4 + opening.length
  if (opened > 0) scene.say(stream.slice(0, opened))
  else if (!isHostileFromTheStart) await scene.welcome()
  await nextTurn()
  scene.call(first)
  await nextTurn()

  for (const [i, piece] of piecesOf(stream.subarray(opened), pieceBytes).entries()) {
    scene.say(piece)
    if (i < SLOW_PIECES) await nextTurn()
  }
  await nextTurn()
  if ((flags & HANG_UP) !== 0) scene.hangUp()
  await scene.pass(PATIENCE_MS)
  scene.close()
  await scene.pass(GOODBYE_MS)

  scene.check()
}

/** The replies to the calls, in their order, from each of them on, alone and together, in one piece and in many. */
function* seeds(): Generator<Uint8Array> {
  const head = (first: number, flags: number, pieceBytes = 0): Uint8Array =>
    Uint8Array.of(pieceBytes, first, flags)
  const events = capturedNotifications.map(({ frame }) => frame)
  const [answer, , refused] = capturedAnswers.map(({ frame }) => frame)
  for (const [first] of CLIENT_CALLS.entries()) {
    const replies = repliesFrom(first, 1)
    yield join(head(first, first % 2 === 0 ? 0 : HANG_UP), joinFrames(replies.slice(0, 2)))
    yield join(head(first, CHROOT), joinFrames(repliesFrom(first, 2).slice(0, 3)), ...events)
  }
  yield join(head(0, 0, 3), ...events, joinFrames(repliesFrom(0, 1)), ...events)
  yield join(head(0, HANDSHAKE), answer ?? intBytes(0), joinFrames(repliesFrom(0, 1)))
  yield join(head(0, HANDSHAKE), refused ?? intBytes(0))
}

/** What an honest server has answered to such calls, with the xids that these calls have. */
function repliesFrom(first: number, firstXid: number): Uint8Array[] {
  return CLIENT_CALLS.map((_, i) => {
    const type = CLIENT_CALLS[(first + i) % CLIENT_CALLS.length]?.type
    const captured = capturedReplies.find((each) => each.type === type && each.reply.code === 'OK')
    if (captured === undefined) return new Uint8Array(0)
    const xid = type === 'auth' ? captured.reply.xid : firstXid + i
    return join(intBytes(xid), captured.frame.subarray(8))
  }).filter(({ length }) => length > 0)
}
