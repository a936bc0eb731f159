/** Rows: one figure of ours beside its yardstick, and whether it is what it should be. */

import { readFileSync } from 'node:fs'

/**
 * One line of the table. The ratio is ours by theirs, of times or of bytes; `wanted` is the most that it may be.
 * @typedef {{ target: number, name: string, ours: string, theirs: string, ratio: number, wanted: number | undefined }} Row
 */

const HEAD = ['target', 'what', 'ours', 'yardstick', 'ratio', 'wanted', '']

/** @param {Row} row */
export function holds({ ratio, wanted }) {
  return wanted === undefined || ratio <= wanted
}

/** @param {readonly Row[]} rows */
export function printTable(rows) {
  const lines = [HEAD, ...rows.map(cellsOf)]
  const widths = HEAD.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)))
  for (const line of lines)
    console.log(
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
}

/** @param {Row} row */
function cellsOf(row) {
  const { target, name, ours, theirs, ratio, wanted } = row
  const verdict = wanted === undefined ? '' : holds(row) ? 'holds' : 'MISSED'
  return [
    String(target),
    name,
    ours,
    theirs,
    showRatio(ratio),
    wanted === undefined ? '-' : showRatio(wanted),
    verdict,
  ]
}

/** @param {number} ratio */
function showRatio(ratio) {
  return ratio < 0.05 ? ratio.toFixed(4) : ratio.toFixed(2)
}

/** @param {readonly number[]} values */
export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

/** @param {number} ns */
export function showNs(ns) {
  return ns < 1_000
    ? `${ns.toFixed(0)} ns`
    : ns < 1e6
      ? `${(ns / 1e3).toFixed(1)} us`
      : `${(ns / 1e6).toFixed(1)} ms`
}

/** @param {number} bytes */
export function showBytes(bytes) {
  return bytes < 1e4
    ? `${bytes.toFixed(0)} B`
    : bytes < 1e6
      ? `${(bytes / 1e3).toFixed(0)} kB`
      : `${(bytes / 1e6).toFixed(1)} MB`
}

/**
 * The memory that a process takes, whatever for. Linux tells.
 * @param {number} pid
 */
export function residentBytes(pid) {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}
