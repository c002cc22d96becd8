import { expect, test } from 'vitest'
import type { CheckContext } from '../../engine/context.ts'
import { inTurn } from './in-turn.ts'

test('the time until its turn comes is none of a check’s own', async () => {
  const target = { users: [], roundTripMs: 0 }
  const asides: Promise<unknown>[] = []
  const t = {
    target,
    aside: (work: Promise<unknown>) => {
      asides.push(work)
      return work
    },
  } as unknown as CheckContext
  let endFirst: () => void = () => undefined
  const first = inTurn(t, () => new Promise<void>((resolve) => (endFirst = resolve)))
  await asides[0]
  const second = inTurn(t, () => Promise.resolve('played'))
  const waits = asides[1]?.then(() => 'begun')
  expect(await Promise.race([waits, new Promise((resolve) => setTimeout(resolve, 20, 'waiting'))])).toBe(
    'waiting',
  )
  endFirst()
  await first
  expect(await waits).toBe('begun')
  expect(await second).toBe('played')
})
