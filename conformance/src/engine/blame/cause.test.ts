import { describe, expect, it } from 'vitest'
import type { CheckResult } from '../result.ts'
import { nameCauses } from './cause.ts'
import { Experience, type KnownFault } from './experience.ts'
import type { CheckFact } from './fact.ts'

function failed(id: string, members: Partial<CheckResult> = {}): CheckResult {
  const requirement = id.replace(/:.*$/, '')
  return {
    id,
    requirement,
    chapter: 'rooms',
    level: 'MUST',
    title: id,
    verdict: 'fail',
    durationMs: 1,
    attempts: 1,
    expected: `what ${id} asks for`,
    actual: `what ${id} saw`,
    ...members,
  }
}

function passed(count: number): CheckResult[] {
  return Array.from({ length: count }, (_, place) => failed(`passed.p${String(place)}`, { verdict: 'pass' }))
}

function fact(members: Partial<CheckFact> = {}): CheckFact {
  return {
    saw: new Set(),
    lost: false,
    presupposes: undefined,
    unanswered: false,
    watches: false,
    net: false,
    ...members,
  }
}

const known: readonly KnownFault[] = [
  { breaks: 'a.hub', brings: ['b.one', 'c.two'], times: 3 },
  { breaks: 'b.one', brings: [], times: 1 },
  { breaks: 'd.other', brings: ['e.far', 'f.farther', 'g.farthest', 'h.away', 'c.two'], times: 1 },
  { breaks: 'c.two', brings: [], times: 4 },
]

function blame(
  results: readonly CheckResult[],
  facts: Readonly<Record<string, CheckFact>> = {},
): Readonly<Record<string, string | undefined>> {
  const all = new Map(results.map(({ id }) => [id, facts[id] ?? fact()]))
  const named = nameCauses(results, all, new Experience(known))
  return Object.fromEntries(
    named.filter(({ verdict }) => verdict !== 'pass').map(({ id, causedBy }) => [id, causedBy]),
  )
}

describe('nameCauses()', () => {
  it('takes an ok that is missing for what a check looks at where no check of outcomes.ok fails', () => {
    const results = [failed('custom.all'), failed('capabilities.core-only')]
    const facts = {
      'custom.all': fact({ presupposes: 'outcomes.ok' }),
      'capabilities.core-only': fact({ presupposes: 'custom.all' }),
    }
    expect(blame(results, facts)).toEqual({
      'custom.all': undefined,
      'capabilities.core-only': 'custom.all',
    })
  })

  it('puts what a fault is known to bring along under it', () => {
    expect(blame([failed('b.one'), failed('a.hub'), failed('c.two')])).toEqual({
      'a.hub': undefined,
      'b.one': 'a.hub',
      'c.two': 'a.hub',
    })
  })

  it('names two faults that have nothing to do with each other', () => {
    expect(blame([failed('a.hub'), failed('b.one'), failed('x.lonely')])).toEqual({
      'a.hub': undefined,
      'b.one': 'a.hub',
      'x.lonely': undefined,
    })
  })

  it('does not take one consequence of many for a known fault', () => {
    expect(blame([failed('c.two'), failed('d.other')])).toEqual({ 'c.two': undefined, 'd.other': undefined })
  })

  it('puts the checks of one requirement together', () => {
    expect(blame([failed('x.y:first'), failed('x.y:second')])).toEqual({
      'x.y:first': undefined,
      'x.y:second': 'x.y:first',
    })
  })

  it('puts checks whose set-up failed at one step together, where the checks of that step pass', () => {
    const results = [failed('a.x', { actual: 'one thing' }), failed('b.y'), failed('c.z')]
    const stumbled = fact({ presupposes: 'auth.token' })
    expect(blame(results, { 'a.x': stumbled, 'b.y': stumbled })).toEqual({
      'a.x': undefined,
      'b.y': 'a.x',
      'c.z': undefined,
    })
  })

  it('puts a check whose set-up failed under the requirement of that step', () => {
    const results = [failed('limits.x'), failed('rooms.joined')]
    const facts = { 'limits.x': fact({ presupposes: 'rooms.joined' }) }
    expect(blame(results, facts)).toEqual({ 'limits.x': 'rooms.joined', 'rooms.joined': undefined })
  })

  it('lets a check whose set-up failed stand by itself where nothing else did', () => {
    const results = [failed('limits.x'), failed('y.z')]
    const facts = { 'limits.x': fact({ presupposes: 'rooms.joined' }) }
    expect(blame(results, facts)).toEqual({ 'limits.x': undefined, 'y.z': undefined })
  })

  it('lays a missing answer to a frame that nobody can read, where the check got one', () => {
    const unread = fact({ saw: new Set(['frames.object']), unanswered: true })
    const results = [failed('frames.object:throughout'), failed('x.one'), failed('y.two'), ...passed(40)]
    const facts = {
      'frames.object:throughout': fact({ watches: true }),
      'x.one': unread,
      'y.two': unread,
      // Others saw such a frame, too, and did not wait for it.
      ...Object.fromEntries(passed(38).map(({ id }) => [id, fact({ saw: new Set(['frames.object']) })])),
    }
    expect(blame(results, facts)).toEqual({
      'frames.object:throughout': undefined,
      'x.one': 'frames.object:throughout',
      'y.two': 'frames.object:throughout',
    })
  })

  it('takes what the watch saw at failing checks for their reason, and not what all checks saw', () => {
    const saw = fact({ saw: new Set(['w.watched']) })
    const results = [failed('w.watched:throughout'), failed('x.one'), failed('y.two'), ...passed(40)]
    const facts = { 'w.watched:throughout': fact({ watches: true }), 'x.one': saw, 'y.two': saw }
    expect(blame(results, facts)).toMatchObject({
      'w.watched:throughout': undefined,
      'x.one': 'w.watched:throughout',
      'y.two': 'w.watched:throughout',
    })
    const everywhere = Object.fromEntries(passed(40).map(({ id }) => [id, saw]))
    expect(blame(results, { ...facts, ...everywhere })).toMatchObject({
      'x.one': undefined,
      'y.two': undefined,
    })
  })

  it('puts failures that look the same together, whatever names they hold', () => {
    const look = (peer: string) => ({
      expected: `peer-left about ${peer} at B`,
      actual: 'nothing of the kind came within 5.5 s, while a later ping was answered',
    })
    const results = [
      failed('x.one', look('AAAAAAAAAAAAAAAAAAAAAAAA')),
      failed('y.two', look('BBBBBBBBBBBBBBBBBBBBBBBB')),
    ]
    expect(blame(results)).toEqual({ 'x.one': undefined, 'y.two': 'x.one' })
  })

  it('puts every check that had no answer under the requirement of answers, where they are many', () => {
    const silent = fact({ unanswered: true })
    const checks = ['v.one', 'w.two', 'x.three', 'y.four', 'z.five'].map((id) => failed(id))
    const results = [...checks, failed('outcomes.failure-told')]
    const facts = Object.fromEntries(checks.map(({ id }) => [id, silent]))
    expect(blame(results, facts)).toEqual({
      'v.one': 'outcomes.failure-told',
      'w.two': 'outcomes.failure-told',
      'x.three': 'outcomes.failure-told',
      'y.four': 'outcomes.failure-told',
      'z.five': 'outcomes.failure-told',
      'outcomes.failure-told': undefined,
    })
    const few = [...checks.slice(0, 2), failed('outcomes.failure-told')]
    expect(blame(few, facts)).toMatchObject({ 'v.one': undefined, 'w.two': undefined })
  })

  it('folds checks with real peers behind wire failures, and leaves them alone without', () => {
    const call = failed('relay.delivered:data-channel', { chapter: 'end-to-end' })
    expect(blame([failed('x.one'), call])).toMatchObject({ 'relay.delivered:data-channel': 'x.one' })
    const other = failed('relay.members:unknown-members', { chapter: 'end-to-end' })
    expect(blame([call, other])).toEqual({ [call.id]: undefined, [other.id]: undefined })
  })

  it('blames the end of the server for the connections that ended with it', () => {
    const end = {
      at: 20,
      endpoint: 'A',
      direction: 'event',
      text: 'connection ended: close code 1006',
    } as const
    const lost = (id: string, at: number) =>
      failed(id, { transcript: [{ at, endpoint: 'A', direction: 'sent', text: `frame of ${id}` }, end] })
    const results = [
      lost('x.innocent', 3),
      lost('y.killer', 19),
      failed('frames.others-unharmed:outlives'),
      failed('z.fault'),
    ]
    const facts = new Map(results.map(({ id, transcript }) => [id, fact({ lost: transcript !== undefined })]))
    const named = nameCauses(results, facts, new Experience(known))
    expect(Object.fromEntries(named.map(({ id, causedBy }) => [id, causedBy]))).toEqual({
      'x.innocent': 'frames.others-unharmed:outlives',
      'y.killer': 'frames.others-unharmed:outlives',
      'frames.others-unharmed:outlives': undefined,
      'z.fault': undefined,
    })
  })

  it('leaves verdicts as they are', () => {
    const results = [failed('a.hub'), failed('b.one'), ...passed(1)]
    const named = nameCauses(results, new Map(), new Experience(known))
    expect(named.map(({ id, verdict }) => [id, verdict])).toEqual(
      results.map(({ id, verdict }) => [id, verdict]),
    )
  })
})
