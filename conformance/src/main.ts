#!/usr/bin/env node
import { main } from './cli.ts'

const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interrupt.abort()
  })
}
const { stdout, stderr, stdin, env } = process
// A reader that has seen enough (`| head`) ends neither the run nor its exit code.
for (const stream of [stdout, stderr]) stream.on('error', () => undefined)
process.exitCode = await main(process.argv.slice(2), { stdin, stdout, stderr, env, signal: interrupt.signal })
