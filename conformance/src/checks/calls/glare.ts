import { check, type Check } from '../../engine/check.ts'
import { unexpected, type CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import { expectOutcomeFirst } from './ringing.ts'
import {
  callsPerPeer,
  cancel,
  expectSilence,
  hangUp,
  hear,
  hearEnd,
  ring,
  say,
  stage,
  take,
  toldOf,
  type InviteOptions,
  type Stage,
} from './stage.ts'

/** Two call ids, the lower first; every digit may be the one that tells them apart. */
export function twoIds(t: CheckContext): readonly [lower: string, higher: string] {
  const [one, other] = [t.callId(), t.callId()]
  return one < other ? [one, other] : [other, one]
}

/**
 * Two that a server may take for the same, or in the wrong order, which does not compare them as strings: the last digit tells them apart, which no
 * double holds and no part of them, or a letter follows a digit.
 */
function closeIds(t: CheckContext): readonly (readonly [lower: string, higher: string])[] {
  const [one, other] = [t.callId(), t.callId()]
  return [
    [`${one.slice(0, -1)}4`, `${one.slice(0, -1)}5`],
    [`9${other.slice(1)}`, `a${other.slice(1)}`],
  ]
}

/** Two members of a room, each of which the server lets ring the other. */
async function stageOfTwo(t: CheckContext): Promise<Stage> {
  const two = await stage(t)
  for (const [from, to] of [
    [two.a, two.b],
    [two.b, two.a],
  ] as const)
    await say(
      from,
      { type: 'cancel', call: await ring(t, from, [to]), reason: 'normal' },
      'the cancel of the caller',
    )
  return two
}

/** Sends an `invite` for a call that crosses another; both that win and that lose are accepted. */
export async function crossing(
  t: CheckContext,
  from: Endpoint,
  to: Endpoint,
  call: string,
  what: string,
  options: InviteOptions = {},
): Promise<number> {
  const message = { type: 'invite', callee: { peer: to.peer }, ...options, call } as const
  const outcome = await requestInTime(from, message)
  if (outcome.code === 'rate-limited') t.notObserved('The server refuses an invite for coming too often')
  if (outcome.type !== 'ok') throw unexpected(outcome, `ok for ${what}`)
  return outcome.index
}

/** Lets an invite lose to a call that it crosses, which is over then as well; its call is the one of the caller given. */
export async function loseOnArrival(
  t: CheckContext,
  { from, to }: { readonly from: Endpoint; readonly to: Endpoint },
): Promise<string> {
  const [stays, loses] = twoIds(t)
  await ring(t, to, [from], { call: stays })
  const what = 'the invite of a call that crosses one with a lower id'
  await presupposing('ring.glare', crossing(t, from, to, loses, what))
  await presupposing(
    'ring.glare',
    hearEnd(from, 'reject', loses, 'glare', 'whose call crosses one with a lower id'),
  )
  await cancel(to, stays)
  return loses
}

/** The call that stays can be taken. */
async function goesOn(caller: Endpoint, callee: Endpoint, call: string): Promise<void> {
  await take(caller, callee, call)
  await hangUp(callee, caller, call)
}

/** ring.glare: the one with the higher id comes first, or comes last; with no label, and with the same. */
async function lowerStays(t: CheckContext): Promise<void> {
  const draw = () => twoIds(t)
  await playCrossing(t, [draw, draw])
}

/** ring.glare: as strings, to the last digit. */
async function comparesWholeIds(t: CheckContext): Promise<void> {
  await playCrossing(
    t,
    [0, 1].map((place) => () => closeIds(t)[place] ?? twoIds(t)),
  )
}

/** Lets calls cross, without a label and with one; the ids of each two are drawn anew. */
async function playCrossing(
  t: CheckContext,
  draws: readonly (() => ReturnType<typeof twoIds>)[],
): Promise<void> {
  const { room, a, b } = await stageOfTwo(t)
  for (const [index, draw] of draws.entries()) {
    const options = index % 2 === 0 ? {} : { label: 'camera' }
    const [lower, higher] = draw()
    // Calls cross while they ring, whether or not that has been said.
    const alert = async (call: string) => {
      if (index % 2 === 0) return
      await presupposing('ring.ringing', say(b, { type: 'ringing', call }, 'ringing of an endpoint'))
    }
    await ring(t, a, [b], { ...options, call: higher })
    await alert(higher)
    await crossing(t, b, a, lower, 'the invite of a call that crosses one with a higher id', options)
    await b.sync()
    if (toldOf(b, lower).length > 0)
      throw new CheckFailure(
        'the call with the lower id of two that cross to ring on',
        'its caller was told that it is over',
      )
    await hearEnd(a, 'reject', higher, 'glare', 'whose call crosses one with a lower id')
    await hearEnd(b, 'cancel', higher, 'glare', 'where a call with a lower id crosses')
    await hear(a, 'invite', lower, 'the invite of the call with the lower id of two that cross')
    await goesOn(b, a, lower)

    const [stays, loses] = draw()
    await ring(t, a, [b], { ...options, call: stays })
    await alert(stays)
    const accepted = await crossing(
      t,
      b,
      a,
      loses,
      'the invite of a call that crosses one with a lower id',
      options,
    )
    await hearEnd(b, 'reject', loses, 'glare', 'whose call crosses one with a lower id')
    const first = Promise.resolve().then(() => {
      expectOutcomeFirst(b, loses, accepted)
    })
    await presupposing('ring.outcome-first', first)
    await t.barrier(b, a, room)
    expectSilence(a, loses, 0, 'of an invite that has lost on its arrival')
    await goesOn(a, b, stays)
  }
}

function labelWords(invite: { readonly label?: string }): string {
  return invite.label === undefined ? 'no label' : `the label ${JSON.stringify(invite.label)}`
}

/** ring.glare: other labels, and calls of which only one rings for the other's caller, cross nothing. */
async function othersGoOn(t: CheckContext): Promise<void> {
  const { a, b } = await stage(t)
  for (const [one, other] of [
    [{ label: 'camera' }, { label: 'screen' }],
    [{ label: 'camera' }, {}],
    [{}, { label: 'camera' }],
    [{ label: 'camera' }, { label: 'Camera' }],
  ] as const) {
    const [lower, higher] = twoIds(t)
    await ring(t, a, [b], { ...one, call: higher })
    await ring(t, b, [a], { ...other, call: lower })
    for (const [party, call] of [
      [a, higher],
      [b, lower],
    ] as const)
      if (toldOf(party, call).length > 0)
        throw new CheckFailure(
          `two calls of the same two to go on, of which one has ${labelWords(one)} and one ${labelWords(other)}`,
          `${party.name} was told that its own is over`,
        )
    await goesOn(a, b, higher)
    await goesOn(b, a, lower)
  }
}

/** ring.glare: both have to ring; a call that has been taken crosses nothing. */
async function takenCrossesNothing(t: CheckContext): Promise<void> {
  const { a, b } = await stageOfTwo(t)
  if (callsPerPeer(t, a) < 2) t.notObserved('A peer may have one call, and this takes two')
  for (const isLower of [true, false]) {
    const [lower, higher] = twoIds(t)
    const [taken, next] = isLower ? [lower, higher] : [higher, lower]
    await ring(t, a, [b], { call: taken })
    await take(a, b, taken)
    await crossing(t, b, a, next, 'the invite of the callee of a call that has been taken, for its caller')
    await b.sync()
    const expected = 'a call to ring on beside one of the same two, the other way round, that has been taken'
    const [ended] = [...toldOf(b, next), ...toldOf(a, taken)].filter(
      ({ message: { type } }) => type !== 'accept',
    )
    if (ended) throw new CheckFailure(expected, `${String(ended.message['type'])} came`).shownBy(ended.text)
    await hear(a, 'invite', next, `the invite of ${expected}`)
    await goesOn(b, a, next)
    await hangUp(a, b, taken)
  }
}

/** Rounds of what may go one way or the other. */
const rounds = 4

/** ring.glare: both invites at the same moment. */
async function lowerStaysInARace(t: CheckContext): Promise<void> {
  const { room, a, b } = await stageOfTwo(t)
  for (let round = 0; round < rounds; round += 1) {
    const [lower, higher] = twoIds(t)
    const [winner, loser] = round % 2 === 0 ? [a, b] : [b, a]
    const what = 'one of two invites at the same moment'
    await Promise.all([crossing(t, winner, loser, lower, what), crossing(t, loser, winner, higher, what)])
    await winner.sync()
    if (toldOf(winner, lower).length > 0)
      throw new CheckFailure(
        'the call with the lower id of two at the same moment to ring on',
        'its caller was told that it is over',
      )
    await hearEnd(loser, 'reject', higher, 'glare', 'whose call crosses one with a lower id')
    await hear(loser, 'invite', lower, 'the invite of the call with the lower id of two that cross')
    await t.barrier(loser, winner, room)
    const told = toldOf(winner, higher).map(({ message }) => message['type'])
    if (told.includes('invite')) await hearEnd(winner, 'cancel', higher, 'glare', 'whose own call stays')
    await goesOn(winner, loser, lower)
  }
}

/** ring.outcome-first: of an invite that has lost on its arrival. */
async function saysTheOutcomeOfALoserFirst(t: CheckContext): Promise<void> {
  const { a, b } = await stageOfTwo(t)
  const [stays, loses] = twoIds(t)
  await ring(t, a, [b], { call: stays })
  const what = 'the invite of a call that crosses one with a lower id'
  const accepted = await presupposing('ring.glare', crossing(t, b, a, loses, what))
  await presupposing(
    'ring.glare',
    hearEnd(b, 'reject', loses, 'glare', 'whose call crosses one with a lower id'),
  )
  expectOutcomeFirst(b, loses, accepted)
}

const capability = 'calls'

/** Checks of spec/calls.md, Two who call each other. */
export const glareChecks: readonly Check[] = [
  check('ring.glare', 'the call with the lower id stays', lowerStays, { capability }),
  check('ring.glare', 'calls with other labels do not cross', othersGoOn, { capability, name: 'labels' }),
  check('ring.glare', 'ids that are alike but for one digit', comparesWholeIds, { capability, name: 'ids' }),
  check('ring.glare', 'a call that has been taken', takenCrossesNothing, { capability, name: 'taken' }),
  check('ring.outcome-first', 'an invite that has lost on its arrival', saysTheOutcomeOfALoserFirst, {
    capability,
    name: 'glare',
  }),
  check('ring.glare', 'two invites at the same moment', lowerStaysInARace, { capability, name: 'race' }),
]
