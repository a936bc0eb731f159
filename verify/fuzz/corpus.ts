/** The corpus of a target: what is worth beginning with, one line of hex an input, kept in the repository. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hex, toHex } from '../../test/protocol/hex.js'

const FOLDER = 'verify/fuzz/corpus'

/** The inputs of a target; none if it has no file. */
export function readCorpus(target: string): Uint8Array[] {
  const file = fileOf(target)
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => hex(line))
}

/** Replaces the file, shortest first; gives its name. */
export function writeCorpus(target: string, inputs: readonly Uint8Array[]): string {
  const folder = `${FOLDER}/${target}`
  mkdirSync(folder, { recursive: true })
  const sorted = inputs.map((input) => toHex(input)).sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  writeFileSync(fileOf(target), sorted.map((line) => `${line}\n`).join(''))
  return fileOf(target)
}

function fileOf(target: string): string {
  return `${FOLDER}/${target}/inputs.hex`
}
