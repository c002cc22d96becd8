import { describe, expect, test } from 'vitest'
import { planEpisode } from './plan.ts'

const cast = { clients: 6, rooms: 5, needsAuth: true }

describe('planEpisode()', () => {
  test('gives the same for the same seed and number, and nothing else for anything else', () => {
    const one = planEpisode('a', 1, cast)
    expect(planEpisode('a', 1, cast)).toEqual(one)
    expect(planEpisode('a', 2, cast)).not.toEqual(one)
    expect(planEpisode('b', 1, cast)).not.toEqual(one)
  })

  test('has every kind of step in a few episodes', () => {
    const kinds = new Set(
      Array.from({ length: 10 }, (_, index) => planEpisode('kinds', index, cast)).flatMap((steps) =>
        steps.map((step) => step.do),
      ),
    )
    expect([...kinds].sort()).toEqual(['break', 'bytes', 'end', 'open', 'send', 'settle', 'turn', 'visit'])
  })
})
