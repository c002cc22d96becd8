import { describe, expect, test } from 'vitest'
import { askedAgain } from './asked-again.ts'
import type { Check } from './check.ts'
import type { Attempt } from './judge-check.ts'

function sample(id: string, trouble: Attempt['trouble'], more: Partial<Check> = {}): [Check, Attempt] {
  const [requirement = ''] = id.split(':')
  const verdict = requirement === 'frames.others-unharmed' ? 'fail' : 'could-not-run'
  return [{ id, ...more } as Check, { trouble, result: { id, requirement, verdict } } as Attempt]
}

function ids({ alone, others, undoubted }: ReturnType<typeof askedAgain>) {
  return {
    alone: alone.map(({ id }) => id),
    others: others.map(({ id }) => id),
    undoubted: undoubted.map(({ result }) => result.id),
  }
}

const troubled = [
  sample('rooms.joined', undefined),
  sample('rooms.leave', 'late'),
  sample('watch.ends', 'late', { solitary: true }),
  sample('resume.granted', 'withheld'),
  sample('frames.no-type', 'hostile'),
] as const

describe('askedAgain()', () => {
  test('lets nothing run beside a check that has to be alone, or that lacked a place', () => {
    expect(ids(askedAgain(new Map(troubled)))).toEqual({
      alone: ['watch.ends', 'resume.granted'],
      others: ['rooms.leave'],
      undoubted: ['frames.no-type'],
    })
  })

  test('asks one at a time, what was hostile too, where the frames of one end connections of others', () => {
    const harmful = new Map([...troubled, sample('frames.others-unharmed', undefined)])
    expect(ids(askedAgain(harmful))).toEqual({
      alone: ['rooms.leave', 'watch.ends', 'resume.granted', 'frames.no-type'],
      others: [],
      undoubted: [],
    })
  })
})
