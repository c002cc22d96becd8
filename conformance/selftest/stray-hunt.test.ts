import { describe, expect, test } from 'vitest'
import { hunt } from './hunt.ts'
import { inTurn } from './in-turn.ts'
import { keyOf } from './kill-record.ts'
import type { Mutant } from './mutant.ts'
import { mutants } from './mutants/index.ts'
import { huntStrays, isForStrays } from './stray-hunt.ts'

/**
 * Mutants that the whole kit is run against each time, one or two of each chapter: all of them take too long for the gate
 * (`npm run check:strays -- --all`).
 */
const sample = [
  'frames.goes-on: acts on an update that it has refused',
  'replaces.old-ends: ignores replaces',
  'connection.hello-first: says unexpected-message before hello',
  'versions.none-in-common: reads the first digit of a version',
  'outcomes.silent: says ok without ref to messages without id',
  'auth.user-mismatch: says auth-failed to the token of another user',
  'rooms.outsiders: tells members of another room who comes',
  'rooms.rejoin-data: tells nobody of the data of a second join',
  'relay.opaque-sdp: trims descriptions',
  'delivery.once: delivers relayed messages after the 50th of a connection twice',
  'limits.size-in-bytes: measures messages in UTF-16 units',
  'websocket.bye-code: closes with 1001 after bye',
]

function named(key: string): Mutant {
  const found = mutants.filter(({ breaks, name }) => keyOf({ breaks, mutant: name }) === key)
  const [mutant] = found.filter(isForStrays)
  if (!mutant) throw new Error(`Cannot hunt "${key}": no mutant of that name is hunted by the whole kit`)
  return mutant
}

// Each has the machine nearly to itself: a run of the whole kit is much work in one process.
const turn = inTurn(2)

describe('the whole kit against some mutants', () => {
  test.concurrent.each(sample)(
    '%s turns nothing red that is not listed',
    async (key) => {
      const { hasRun, killers, strays } = await turn(() => huntStrays(named(key)))
      expect(hasRun).toBe(true)
      expect(killers.length).toBeGreaterThan(0)
      expect(strays.map(({ id, verdict, reason }) => `${id} ${verdict}: ${reason ?? ''}`)).toEqual([])
    },
    600_000,
  )

  test.concurrent(
    'a consequence that its mutant does not list is a stray',
    async () => {
      const { consequences, ...mutant } = named(
        'rooms.rejoin-data: tells nobody of the data of a second join',
      )
      const { strays } = await turn(() => hunt(mutant))
      const requirements = new Set(strays.map(({ requirement }) => requirement))
      expect(requirements.size).toBeGreaterThan(0)
      expect(Object.keys(consequences ?? {})).toEqual(expect.arrayContaining([...requirements]))
    },
    600_000,
  )
})
