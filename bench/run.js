/**
 * `npm run bench`: awaited calls of an in-process client beside the floor of plain JavaScript. What counts is the ratio; the
 * nanoseconds are this machine's, today. Arguments choose operations by how their names begin: `npm run bench -- getData`.
 */
import { setUp } from './operations.js'
import { measure } from './rounds.js'

const wanted = process.argv.slice(2)
const rows = []

for (const dataBytes of [16, 100]) {
  const { operations, pathCount, close } = await setUp(dataBytes)
  for (const operation of operations) {
    if (!isWanted(operation.names)) continue
    for (const { name, floorNs, oursNs, ratio } of await measure(operation, pathCount)) {
      rows.push([name, dataBytes, floorNs.toFixed(0), oursNs.toFixed(0), ratio.toFixed(2)])
    }
  }
  await close()
}

printTable(['operation', 'bytes', 'floor ns', 'ours ns', 'ratio'], rows)

/** @param {string[]} names */
function isWanted(names) {
  return wanted.length === 0 || names.some((name) => wanted.some((start) => name.startsWith(start)))
}

/**
 * @param {string[]} head
 * @param {(string | number)[][]} body
 */
function printTable(head, body) {
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((row) => String(row[i]).length)))
  for (const row of [head, ...body]) {
    console.log(row.map((cell, i) => pad(String(cell), widths[i] ?? 0, i === 0)).join('  '))
  }
}

/**
 * @param {string} text
 * @param {number} width
 * @param {boolean} isName
 */
function pad(text, width, isName) {
  return isName ? text.padEnd(width) : text.padStart(width)
}
