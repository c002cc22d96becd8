import type { CheckResult } from '@parley/conformance'
import { describe, expect, it } from 'vitest'
import { aftermathOf, generalConsequences } from './general-consequence.ts'

function failure(actual: string): CheckResult {
  return {
    id: 'rooms.full',
    requirement: 'rooms.full',
    chapter: 'rooms',
    level: 'MUST',
    title: 'a room without a place refuses',
    verdict: 'fail',
    durationMs: 1,
    attempts: 1,
    expected: 'room-full for a join of a full room',
    actual,
  }
}

describe('aftermathOf()', () => {
  it('takes a wait in vain for what a fault of answers brings along, and no wrong answer', () => {
    const aftermath = aftermathOf('outcomes.failure-told')
    expect(aftermath?.fits(failure('nothing of the kind came within 1.7 s'))).toBe(true)
    expect(aftermath?.fits(failure('the outcome was joined'))).toBe(false)
    expect(aftermath?.fits(failure('the connection ended first without a close frame'))).toBe(false)
  })

  it('is nothing for a requirement that is about one message', () => {
    expect(aftermathOf('rooms.full')).toBeUndefined()
  })
})

describe('generalConsequences()', () => {
  it('names what fails whatever the fault is, and nothing for the others', () => {
    expect(Object.keys(generalConsequences('rooms.leave'))).toContain('rooms.left-once')
    expect(generalConsequences('rooms.full')).toEqual({})
  })
})
