import type { CheckContext } from '../../engine/context.ts'

/** Longest `idleSeconds` that is worth waiting for. */
const longestIdleSeconds = 600

/** What the kit keeps away from a moment at which a server may act. */
const marginMs = 250

/** Milliseconds that may go by on the way to the server and back, and some more. */
export function leeway(t: CheckContext): number {
  return marginMs + 2 * t.target.roundTripMs
}

/** `idleSeconds` in milliseconds; ends the check where that is more than anybody waits for. */
export function announcedIdleMs(t: CheckContext): number {
  const { idleSeconds } = t.target.welcome.limits as { readonly idleSeconds?: unknown }
  if (typeof idleSeconds !== 'number' || idleSeconds <= 0)
    return t.couldNotRun('welcome.limits has no idleSeconds')
  if (idleSeconds > longestIdleSeconds)
    t.notObserved(`idleSeconds is ${String(idleSeconds)}: nobody waits that long`)
  return idleSeconds * 1000
}
