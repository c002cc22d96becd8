import { describe, expect, it } from 'vitest'
import type { CheckResult } from '../result.ts'
import type { CheckFact } from './fact.ts'
import { stumbledOver, withoutStumbles } from './prerequisite.ts'

function failed(id: string, members: Partial<CheckResult> = {}): CheckResult {
  return {
    id,
    requirement: id.replace(/:.*$/, ''),
    chapter: 'rooms',
    level: 'MUST',
    title: id,
    verdict: 'fail',
    reason: `Expected what ${id} asks for, but it did not come`,
    durationMs: 1,
    attempts: 1,
    expected: `what ${id} asks for`,
    actual: 'it did not come',
    ...members,
  }
}

function factOf(presupposes: CheckFact['presupposes']): CheckFact {
  return { saw: new Set(), lost: false, presupposes, unanswered: false, watches: false, net: false }
}

/** Verdicts by id, where the checks named failed at a step that rests on the requirement given. */
function verdicts(
  results: readonly CheckResult[],
  steps: Readonly<Record<string, CheckFact['presupposes']>>,
): Readonly<Record<string, string>> {
  const facts = new Map(results.map(({ id }) => [id, factOf(steps[id])]))
  return Object.fromEntries(withoutStumbles(results, facts).map(({ id, verdict }) => [id, verdict]))
}

describe('withoutStumbles()', () => {
  it('takes back a failure at a step whose requirement is found broken by a check of its own', () => {
    const results = [failed('relay.members:series'), failed('relay.delivered')]
    expect(verdicts(results, { 'relay.members:series': 'relay.delivered' })).toEqual({
      'relay.members:series': 'could-not-run',
      'relay.delivered': 'fail',
    })
  })

  it('names the check that shows what stood in the way', () => {
    const results = [failed('relay.members:series'), failed('relay.delivered:first')]
    const facts = new Map([['relay.members:series', factOf('relay.delivered')]])
    const [series] = withoutStumbles(results, facts)
    expect(series?.causedBy).toBe('relay.delivered:first')
  })

  it('leaves a failure at a step where nothing else shows what is wrong', () => {
    const results = [failed('relay.members:series'), failed('relay.delivered', { verdict: 'pass' })]
    expect(verdicts(results, { 'relay.members:series': 'relay.delivered' })).toMatchObject({
      'relay.members:series': 'fail',
    })
  })

  it('takes back the failure of a walk where another check shows what is wrong, and leaves it where none does', () => {
    const results = [failed('rooms.states'), failed('rooms.leave')]
    const fact = {
      saw: new Set<string>(),
      lost: false,
      presupposes: undefined,
      unanswered: false,
      watches: false,
    }
    const facts = new Map([
      ['rooms.states', { ...fact, net: true }],
      ['rooms.leave', { ...fact, net: false }],
    ])
    expect(withoutStumbles(results, facts).map(({ verdict }) => verdict)).toEqual(['could-not-run', 'fail'])
    expect(withoutStumbles(results.slice(0, 1), facts)[0]?.verdict).toBe('fail')
  })

  it('lets no two checks that stumble over each other take each other back', () => {
    const results = [failed('rooms.joined:a'), failed('relay.delivered:b')]
    const steps = { 'rooms.joined:a': 'relay.delivered', 'relay.delivered:b': 'rooms.joined' } as const
    expect(verdicts(results, steps)).toEqual({ 'rooms.joined:a': 'fail', 'relay.delivered:b': 'fail' })
  })

  it('leaves a MUST where only a SHOULD was not followed', () => {
    const results = [failed('relay.members'), failed('relay.delivered', { verdict: 'warn', level: 'SHOULD' })]
    expect(verdicts(results, { 'relay.members': 'relay.delivered' })).toMatchObject({
      'relay.members': 'fail',
    })
  })

  it('knows that a message which is lost for its number, not for what it is, is lost as well', () => {
    const results = [failed('relay.unread'), failed('delivery.no-gap:call')]
    expect(verdicts(results, { 'relay.unread': 'relay.delivered' })).toMatchObject({
      'relay.unread': 'could-not-run',
    })
  })

  it('knows that clients of the kit authenticate in one go with hello', () => {
    const results = [failed('rooms.joined'), failed('connection.back-to-back')]
    expect(verdicts(results, { 'rooms.joined': 'auth.token' })).toEqual({
      'rooms.joined': 'could-not-run',
      'connection.back-to-back': 'fail',
    })
  })

  it('knows that a message which lacks its ok has no outcome', () => {
    const results = [failed('frames.good-shape:ack'), failed('outcomes.ok:ack')]
    expect(verdicts(results, { 'frames.good-shape:ack': 'outcomes.exactly-one' })).toEqual({
      'frames.good-shape:ack': 'could-not-run',
      'outcomes.ok:ack': 'fail',
    })
  })

  it('never takes back a failure of a requirement that the step would be excused by', () => {
    const results = [failed('delivery.no-gap:a'), failed('delivery.no-gap:b'), failed('relay.delivered')]
    expect(verdicts(results, { 'delivery.no-gap:a': 'relay.delivered' })).toMatchObject({
      'delivery.no-gap:a': 'fail',
    })
  })

  it('says what could not be done and where it is judged, and no longer what was expected', () => {
    const stumbled = failed('relay.unread')
    const facts = new Map([
      [
        stumbled.id,
        {
          saw: new Set<string>(),
          lost: false,
          presupposes: 'relay.delivered',
          unanswered: false,
          watches: false,
          net: false,
        } as const,
      ],
    ])
    const [result] = withoutStumbles([stumbled, failed('relay.delivered')], facts)
    expect(result?.reason).toBe(
      'A step that leads to what this check looks at failed (see relay.delivered): Expected what relay.unread asks for, but it did not come',
    )
    expect(result).not.toHaveProperty('expected')
    expect(result).not.toHaveProperty('actual')
  })
})

describe('stumbledOver()', () => {
  it('is the requirement of the step for a check that is about another thing', () => {
    expect(stumbledOver('rooms.full', 'rooms.left-once')).toBe('rooms.left-once')
    expect(stumbledOver('rooms.leave', 'relay.delivered')).toBe('relay.delivered')
    expect(stumbledOver('rooms.full', undefined)).toBeUndefined()
  })

  it('is nothing for a check that is about the step itself', () => {
    expect(stumbledOver('rooms.leave', 'rooms.left-once')).toBeUndefined()
    expect(stumbledOver('rooms.equal-data', 'rooms.update')).toBeUndefined()
    expect(stumbledOver('relay.unread', 'frames.good-shape')).toBeUndefined()
  })
})
