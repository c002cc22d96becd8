#!/usr/bin/env node
import { constants } from 'node:os'
import { main } from './cli.ts'
import { withoutSecrets } from './endpoint/uncaught.ts'
import { CheckFailure, Undecided } from './engine/failure.ts'
import { KitFault } from './engine/kit-fault.ts'
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
/** Milliseconds that the run gets to end, and to write what it knows, after the kit has broken. */
const lastWordsMs = 15_000
let broken = false
/** An exception that nobody caught is the kit's fault: the run ends with what was judged so far, and says so. */
const breakDown = (thrown: unknown) => {
  const words = withoutSecrets(thrown)
  stderr.write(
    `parley-conformance: ${words}\nThis is a fault of the kit, not of the server; please report it.\n`,
  )
  // What was broken may break again while it is taken down.
  if (broken) return
  broken = true
  process.exitCode = exitCodes['kit-error']
  setTimeout(() => process.exit(exitCodes['kit-error']), lastWordsMs).unref()
  interrupt.abort(new KitFault(words.split('\n', 1)[0]))
}
process.on('uncaughtException', breakDown)
process.on('unhandledRejection', (thrown) => {
  // What a check finds out about the server when it has come to its end already changes nothing.
  if (!(thrown instanceof CheckFailure || thrown instanceof Undecided)) breakDown(thrown)
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
process.exit(
  interrupt.signal.reason instanceof KitFault || process.exitCode === exitCodes['kit-error']
    ? exitCodes['kit-error']
    : code,
)
