/**
 * multi and multiRead on the wire: operations and results, each behind a small header, up to a header that says done.
 * A result says by itself what it is; a client goes by that, and not by what it asked.
 */
import { codeOf, errnoOf } from './code.js'
import { type JuteReader, type JuteWriter, MarshallingError } from './jute.js'
import type { MultiOp, MultiReadOp } from './message.js'
import { OpCode } from './op-code.js'
import { errorResult, type OpResult, type ReadOpResult } from './op-result.js'
import {
  readCheck,
  readCreate,
  readDelete,
  readPath,
  readSetData,
  readStat,
  readTextOrEmpty,
  readTexts,
  writeCreate,
  writeDelete,
  writeSetData,
  writeStat,
  writeTexts,
} from './records.js'

const NO_ERROR_YET = -1

const multiOpReaders: ReadonlyMap<number, (input: JuteReader) => MultiOp> = new Map([
  [OpCode.create, (input: JuteReader): MultiOp => readCreate(input, 'create')],
  [OpCode.create2, (input: JuteReader): MultiOp => readCreate(input, 'create2')],
  [OpCode.createContainer, (input: JuteReader): MultiOp => readCreate(input, 'createContainer')],
  [OpCode.createTTL, (input: JuteReader): MultiOp => readCreate(input, 'createTTL')],
  [OpCode.delete, readDelete],
  [OpCode.setData, (input) => readSetData(input, readPath)],
  [OpCode.check, readCheck],
])

const multiReadOpReaders: ReadonlyMap<number, (input: JuteReader) => MultiReadOp> = new Map([
  [OpCode.getData, (input: JuteReader): MultiReadOp => readRead(input, 'getData')],
  [OpCode.getChildren, (input: JuteReader): MultiReadOp => readRead(input, 'getChildren')],
])

const resultReaders: ReadonlyMap<number, (input: JuteReader) => OpResult> = new Map([
  [OpCode.create, (input: JuteReader): OpResult => ({ type: 'create', path: readTextOrEmpty(input) })],
  [
    OpCode.create2,
    (input: JuteReader): OpResult => ({
      type: 'create',
      path: readTextOrEmpty(input),
      stat: readStat(input),
    }),
  ],
  [OpCode.delete, (): OpResult => ({ type: 'delete' })],
  [OpCode.check, (): OpResult => ({ type: 'check' })],
  [OpCode.setData, (input: JuteReader): OpResult => ({ type: 'setData', stat: readStat(input) })],
  [OpCode.error, readError],
])

const readResultReaders: ReadonlyMap<number, (input: JuteReader) => ReadOpResult> = new Map([
  [
    OpCode.getData,
    (input: JuteReader): ReadOpResult => ({ type: 'getData', data: input.buffer(), stat: readStat(input) }),
  ],
  [
    OpCode.getChildren,
    (input: JuteReader): ReadOpResult => ({ type: 'getChildren', children: readTexts(input) }),
  ],
  [OpCode.error, readError],
])

/** The operations of a multi. */
export function writeMultiOps(out: JuteWriter, ops: readonly MultiOp[]): void {
  for (const op of ops) {
    writeHeader(out, OpCode[op.type], NO_ERROR_YET)
    if (op.type === 'setData') writeSetData(out, op)
    else if (op.type === 'delete' || op.type === 'check') writeDelete(out, op)
    else writeCreate(out, op)
  }
  writeEnd(out)
}

/** The operations of a multi. @throws MarshallingError for one that a multi cannot hold */
export function readMultiOps(input: JuteReader): MultiOp[] {
  return readItems(input, multiOpReaders)
}

/** The operations of a multiRead; they never leave a watch. */
export function writeMultiReadOps(out: JuteWriter, ops: readonly MultiReadOp[]): void {
  for (const { type, path } of ops) {
    writeHeader(out, OpCode[type], NO_ERROR_YET)
    out.text(path)
    out.boolean(false)
  }
  writeEnd(out)
}

/** The operations of a multiRead. @throws MarshallingError for one that a multiRead cannot hold */
export function readMultiReadOps(input: JuteReader): MultiReadOp[] {
  return readItems(input, multiReadOpReaders)
}

/** What came of a multi or of a multiRead. */
export function writeResults(out: JuteWriter, results: readonly (OpResult | ReadOpResult)[]): void {
  for (const result of results) writeResult(out, result)
  writeEnd(out)
}

/** What came of a multi. */
export function readOpResults(input: JuteReader): OpResult[] {
  return readItems(input, resultReaders)
}

/** What came of a multiRead. */
export function readReadResults(input: JuteReader): ReadOpResult[] {
  return readItems(input, readResultReaders)
}

function writeResult(out: JuteWriter, result: OpResult | ReadOpResult): void {
  switch (result.type) {
    case 'error':
      writeHeader(out, OpCode.error, result.errno)
      return out.int(result.errno)
    case 'create':
      // Every create with a Stat is answered as create2, whatever it made.
      writeHeader(out, result.stat === undefined ? OpCode.create : OpCode.create2, errnoOf('OK'))
      out.text(result.path)
      return result.stat && writeStat(out, result.stat)
    case 'getData':
      writeHeader(out, OpCode.getData, errnoOf('OK'))
      out.buffer(result.data)
      return writeStat(out, result.stat)
    case 'getChildren':
      writeHeader(out, OpCode.getChildren, errnoOf('OK'))
      return writeTexts(out, result.children)
    case 'setData':
      writeHeader(out, OpCode.setData, errnoOf('OK'))
      return writeStat(out, result.stat)
    default:
      return writeHeader(out, OpCode[result.type], errnoOf('OK'))
  }
}

function writeHeader(out: JuteWriter, opCode: number, errno: number): void {
  out.int(opCode)
  out.boolean(false)
  out.int(errno)
}

function writeEnd(out: JuteWriter): void {
  out.int(-1)
  out.boolean(true)
  out.int(-1)
}

/** Everything up to the header that says done, whatever else that one says. */
function readItems<T>(input: JuteReader, readers: ReadonlyMap<number, (input: JuteReader) => T>): T[] {
  const items: T[] = []
  for (;;) {
    const opCode = input.int()
    const isDone = input.boolean()
    input.int()
    if (isDone) return items
    const read = readers.get(opCode)
    if (read === undefined) throw new MarshallingError(`operation ${opCode} does not belong here`)
    items.push(read(input))
  }
}

function readRead(input: JuteReader, type: MultiReadOp['type']): MultiReadOp {
  const path = readPath(input)
  input.boolean()
  return { type, path }
}

function readError(input: JuteReader): ReturnType<typeof errorResult> {
  return errorResult(codeOf(input.int()))
}
