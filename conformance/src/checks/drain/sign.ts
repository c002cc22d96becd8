import type { CheckContext } from '../../engine/context.ts'
import { Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { DrainCommand } from '../../target/drain-command.ts'
import type { Cast } from './cast.ts'

/** Longest time that a command may run, or a server without `drain` may take to end, while nothing is seen of it, in milliseconds. */
export const longestWaitMs = 60_000

/**
 * Waits until something shows that the server has begun to drain: a `goaway`, the end of a connection, or that it takes nobody new.
 *
 * @throws Undecided where the command has failed, or where it makes nothing happen.
 */
export async function firstSign(t: CheckContext, command: DrainCommand, { told, bare }: Cast): Promise<void> {
  const endpoints = [bare.stays, bare.goes, ...(told?.all ?? []).map(({ endpoint }) => endpoint)]
  const seen = Promise.race(endpoints.map(signAt))
  const ended = await Promise.race([seen, command.ended.then((problem) => ({ problem }))])
  if (ended === undefined) return
  const { problem } = ended
  // A command may fail because the server that it has ended is gone.
  const waitMs = problem === undefined && !told ? longestWaitMs : t.dueMs
  if (await cameWithin(waitMs, seen)) return
  if (problem !== undefined) throw new Undecided('could-not-run', `The command of --drain-command ${problem}`)
  if (await t.unreachable()) return
  const seconds = String(Math.round(waitMs / 1000))
  throw new Undecided(
    'could-not-run',
    `The command of --drain-command has ended, and ${seconds} s later no goaway had come, no connection had ended and a new one was taken: does it make this server drain?`,
  )
}

function signAt(endpoint: Endpoint): Promise<undefined> {
  return new Promise((resolve) => {
    endpoint.onFrame(({ message }) => {
      if (message['type'] === 'goaway') resolve(undefined)
    })
    void endpoint.endsWithin(longestWaitMs).then((hasEnded) => {
      if (hasEnded) resolve(undefined)
    })
  })
}

async function cameWithin(ms: number, seen: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false)
  })
  try {
    return await Promise.race([seen.then(() => true), over])
  } finally {
    clearTimeout(timer)
  }
}
