#!/usr/bin/env node
import { constants } from 'node:os'
import { main } from './cli.ts'
import { withoutSecrets } from './endpoint/uncaught.ts'
import { exitCodes } from './exit-code.ts'

const { stdin, stdout, stderr, env } = process
const interrupt = new AbortController()
// The first signal ends the run in good manners, with what was judged so far; the second one ends the process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (interrupt.signal.aborted) process.exit(128 + constants.signals[signal])
    interrupt.abort()
    stderr.write('\nEnding the run: connections are closed. Once more ends it at once.\n')
  })
}
process.on('uncaughtException', (error) => {
  stderr.write(
    `parley-conformance: ${withoutSecrets(error)}\nThis is a fault of the kit, not of the server; please report it.\n`,
  )
  process.exit(exitCodes['kit-error'])
})
// A reader that has seen enough (`| head`) ends neither the run nor its exit code.
for (const stream of [stdout, stderr]) stream.on('error', () => undefined)
const code = await main(process.argv.slice(2), { stdin, stdout, stderr, env, signal: interrupt.signal })
// All is said once both streams have taken it; whatever still holds the process then is no reason to stay.
const said = [stdout, stderr].map(
  (stream) =>
    new Promise<void>((resolve) =>
      stream.write('', () => {
        resolve()
      }),
    ),
)
await Promise.all(said)
process.exit(code)
