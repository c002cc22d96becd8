import { createLocalJWKSet, errors } from 'jose'
import type { Clock } from '../clock.ts'
import { KeysUnavailable, type KeyFinder } from './key-finder.ts'

/** Least rest after a reading that failed, in milliseconds, where the cool-down is longer. */
const retryRest = 5000

/** How old keys may get, in milliseconds. */
export interface KeyAges {
  /** Age from which on keys are read again before the next token is judged. */
  readonly max: number
  /** Least time between two readings, whatever tokens come. */
  readonly cooldown: number
  /** Age from which on keys that cannot be read again are no longer used. */
  readonly stale: number
}

/** What happens to the keys, for the log. */
export interface KeyListener {
  readonly onRead: () => void
  readonly onFailure: (cause: unknown) => void
}

/** Keys that are read again, and what begins to read them. */
export interface RotatingKeys {
  readonly find: KeyFinder
  /** Reads the keys now, so that the first token need not wait for them. Never fails. */
  warm(): Promise<void>
}

/**
 * The keys of a JSON Web Key Set that changes.
 *
 * They are read again when they are old, and when a token names one that is not among them; never more often than the
 * cool-down allows, so that nobody can make this server flood another. While they cannot be read the known ones go on.
 * (`createRemoteJWKSet` of `jose` does not: it drops keys of an age, and counts no failed reading.)
 *
 * @param read - Gives a JSON Web Key Set.
 * @param initial - One that has been read before.
 */
export function rotatingKeys(
  read: () => Promise<unknown>,
  ages: KeyAges,
  clock: Clock,
  { onRead, onFailure }: KeyListener,
  initial?: unknown,
): RotatingKeys {
  let known: ReturnType<typeof createLocalJWKSet> | undefined
  let [readAt, triedAt] = [-Infinity, -Infinity]
  let failing = false
  let pending: Promise<void> | undefined

  const take = (set: unknown) => {
    known = createLocalJWKSet(set as Parameters<typeof createLocalJWKSet>[0]) // it checks what it gets
    readAt = clock.now()
  }
  const attempt = async () => {
    try {
      take(await read())
      failing = false
      onRead()
    } catch (cause) {
      failing = true
      onFailure(cause)
    }
    triedAt = clock.now()
  }
  const refresh = async () => {
    const rest = failing ? Math.min(ages.cooldown, retryRest) : ages.cooldown
    if (pending === undefined && clock.now() - triedAt < rest) return
    await (pending ??= attempt().finally(() => {
      pending = undefined
    }))
  }
  const find: KeyFinder = async (header, token) => {
    const age = clock.now() - readAt
    if (age >= ages.max) {
      const reading = refresh()
      if (!failing || age >= ages.stale) await reading
    }
    if (known === undefined || clock.now() - readAt >= ages.stale) throw new KeysUnavailable()
    try {
      return await known(header, token)
    } catch (cause) {
      if (!(cause instanceof errors.JWKSNoMatchingKey)) throw cause
    }
    await refresh()
    return known(header, token)
  }

  if (initial !== undefined) {
    take(initial)
    triedAt = readAt
  }
  return { find, warm: refresh }
}
