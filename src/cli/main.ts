#!/usr/bin/env node
/** The program `zoolet`: hands its process to the command line. Nothing else happens here. */
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { processTerminal } from './process-terminal.js'
import { zoolet } from './zoolet.js'

// Two folders up from the source and from the bundle alike.
const { version }: { readonly version: string } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
)

// Unless it comes to an end.
process.exitCode = 1
void zoolet(process.argv.slice(2), processTerminal(process), version).then((exitCode) => {
  process.exitCode = exitCode
})
