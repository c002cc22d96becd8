import { describe, expect, test } from 'vitest'
import { shrink } from './shrink.ts'
import type { Step } from './step.ts'

const steps: readonly Step[] = Array.from({ length: 50 }, (_, client) => ({ do: 'send', client, text: '' }))
const holds = (wanted: readonly number[]) => (some: readonly Step[]) =>
  Promise.resolve(wanted.every((client) => some.some((step) => step.do === 'send' && step.client === client)))

describe('shrink()', () => {
  test('leaves the steps that are needed', async () => {
    const found = await shrink(steps, { reproduces: holds([3, 41]), tries: 500, until: Infinity })
    expect(found?.map((step) => step.do === 'send' && step.client)).toEqual([3, 41])
  })

  test('says so where it does not come again', async () => {
    expect(
      await shrink(steps, { reproduces: () => Promise.resolve(false), tries: 9, until: Infinity }),
    ).toBeUndefined()
  })

  test('gives up after so many tries, with what it has', async () => {
    let played = 0
    const reproduces = (some: readonly Step[]) => {
      played += 1
      return holds([3])(some)
    }
    const found = await shrink(steps, { reproduces, tries: 3, until: Infinity })
    expect(played).toBe(3)
    expect(found?.length).toBeLessThan(50)
  })
})
