import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, ConnectionLost, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import { strangerUser } from '../discovery/stage.ts'
import { sampleOf } from '../scene/client-sample.ts'
import { expectAccepted } from '../scene/refusal.ts'
import { relayedTypes } from '../scene/stream.ts'
import { tokenIfNeeded } from '../scene/token.ts'
import { gather, type BareCast, type ToldCast } from './cast.ts'
import { refusesJoins, refusesJoinsOfResumed } from './joining.ts'
import { NoticeWatch } from './notice.ts'
import { renewsMeanwhile } from './renewing.ts'
import { resumesMeanwhile } from './resuming.ts'
import { lookAtEnd, type EndFinding } from './ending.ts'
import { firstSign } from './sign.ts'

/** What is looked at while a server drains. */
export type DrainPart =
  | 'goaway'
  | 'newcomer'
  | 'joins'
  | 'joins-resumed'
  | 'renewed'
  | 'untold'
  | 'under-way'
  | 'resumed'
  | EndFinding

/** What came of each part: nothing wrong, or what a check of it throws. A part that is missing could not be looked at. */
export type DrainFindings = ReadonlyMap<DrainPart, Error | undefined>

/**
 * Lets a server drain, once, and looks at all that the specification says of it.
 *
 * @throws Undecided where the server does not begin to.
 */
export async function drainServer(t: CheckContext): Promise<DrainFindings> {
  const findings = new Map<DrainPart, Error | undefined>()
  const look = async (part: DrainPart, looking: () => Promise<void>) => {
    findings.set(
      part,
      await looking().then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
      ),
    )
  }
  const cast = await gather(t)
  const { told, bare } = cast
  const watch = told && new NoticeWatch(told.member)
  t.defer(() => {
    watch?.stop()
    return Promise.resolve()
  })
  const members = told && watch ? [{ member: told.member, watch, who: 'a member of a room' }] : []
  let renewing: Promise<void> | undefined
  await firstSign(t, t.beginDraining(), cast)
  if (told && watch) {
    await look('goaway', () => everybodyTold(told))
    const inTime = (looking: () => Promise<void>) => () => beforeItsTime(watch, looking)
    const { last } = watch
    if (last) {
      // Beside all else, the end of the connections among it.
      renewing = look(
        'renewed',
        inTime(() => renewsMeanwhile(told, last)),
      )
      await Promise.all([
        look(
          'newcomer',
          inTime(() => newcomersTold(t, told)),
        ),
        look(
          'joins',
          inTime(() => refusesJoins(t, told)),
        ),
        look(
          'untold',
          inTime(() => refusesNoneUntold(t, bare)),
        ),
        look(
          'under-way',
          inTime(() => goesOn(t, told)),
        ),
        look(
          'resumed',
          inTime(async () => {
            members.push(await resumesMeanwhile(t, told, last.inMs))
          }),
        ).then(() =>
          look(
            'joins-resumed',
            inTime(() => refusesJoinsOfResumed(t, told, members[1])),
          ),
        ),
      ])
    }
  }
  await lookAtEnd(t, members, bare.stays, (finding, outcome) => findings.set(finding, outcome))
  await renewing
  return findings
}

/** drain.goaway */
async function everybodyTold({ all }: ToldCast): Promise<void> {
  for (const { who, endpoint } of all)
    await endpoint.expect('goaway', undefined, `a goaway on the connection of ${who}`)
}

/** What a server lets go on only until its time is over cannot be looked at after it. */
async function beforeItsTime(watch: NoticeWatch, looking: () => Promise<void>): Promise<void> {
  try {
    await looking()
  } catch (error) {
    const { last } = watch
    const isOver = last !== undefined && performance.now() >= last.sentAfter + last.inMs
    if (!isOver || !(error instanceof ConnectionLost)) throw error
    throw new Undecided(
      'not-observed',
      `The server ended the connection after the ${String(last.inMs)} ms of its goaway, before everything had been looked at: let it drain for longer`,
    )
  }
}

/** drain.newcomer: a connection that was there before, and one that is not; the server may take neither. */
async function newcomersTold(t: CheckContext, { late }: ToldCast): Promise<void> {
  const another = await t.open().catch((error: unknown) => {
    if (error instanceof Undecided) return undefined
    throw error
  })
  let welcomed = 0
  for (const newcomer of [late, ...(another ? [another] : [])]) {
    newcomer.send({ type: 'hello', versions: [1], capabilities: { drain: {} } })
    await newcomer.comes(() => true)
    const inForce = newcomer.welcome['capabilities']
    if (typeof inForce !== 'object' || inForce === null || !('drain' in inForce)) continue
    welcomed += 1
    const expected = 'a goaway after the welcome of a client that comes meanwhile'
    await newcomer.expect('goaway', undefined, expected).catch((error: unknown) => {
      if (!(error instanceof ConnectionLost)) throw error
      throw new CheckFailure(expected, 'the connection ended without one')
    })
  }
  if (welcomed > 0) return
  throw new Undecided(
    'not-observed',
    'The server welcomes nobody with drain in force while it drains, as it may',
  )
}

/** Says `hello` while the server drains, which may welcome nobody, and joins a room. */
async function joinsLate(t: CheckContext, late: Endpoint) {
  const token = await tokenIfNeeded(t)
  late.send({ type: 'hello', versions: [1] })
  if (!(await late.comes(({ message }) => message['type'] === 'welcome'))) return undefined
  if (token !== '') late.send({ type: 'auth', method: 'token', token })
  return await late.request({ type: 'join', room: t.room() }).catch((error: unknown) => {
    if (error instanceof ConnectionLost) return undefined
    throw error
  })
}

/** drain.untold */
async function refusesNoneUntold(t: CheckContext, { room, goes, late }: BareCast): Promise<void> {
  const outcome = await leaveAndJoin(goes, room, t.room()).catch((error: unknown) => {
    if (error instanceof ConnectionLost) return undefined
    throw error
  })
  const [was, newcomer] = [
    'no draining for a join on a connection on which drain is not in force',
    'no draining for a join on a connection that was welcomed while the server drains, and on which drain is not in force',
  ]
  if (outcome?.code === 'draining') throw new CheckFailure(was, 'it came').shownBy(outcome.text)
  const refused = await joinsLate(t, late)
  if (refused?.code === 'draining') throw new CheckFailure(newcomer, 'it came').shownBy(refused.text)
  if (outcome === undefined)
    throw new Undecided('not-observed', 'The server has ended the connections on which drain is not in force')
}

async function leaveAndJoin(endpoint: Endpoint, from: string, to: string) {
  await endpoint.request({ type: 'leave', room: from })
  return await requestInTime(endpoint, { type: 'join', room: to })
}

/** What is in force beside `drain` goes on: a call is begun and taken, and a user is watched. */
async function capabilitiesGoOn(
  t: CheckContext,
  { member, other }: Pick<ToldCast, 'member' | 'other'>,
): Promise<void> {
  const { names } = t.target.offered
  if (names.has('calls')) {
    const call = t.callId()
    const invited = await requestInTime(member, { type: 'invite', call, callee: { peer: other.peer } })
    // Whom a server lets invite is its operator's to say: only what it says of draining is looked at.
    if (invited.type === 'ok') {
      await other.waitFor(
        ({ message }) => message['type'] === 'invite' && message['call'] === call,
        'an invite after goaway',
      )
      await expectAccepted(other.post({ type: 'accept', call }), 'ok', 'an accept after goaway')
      const hangup = { type: 'hangup', to: other.peer, call, reason: 'normal' } as const
      await expectAccepted(member.post(hangup), 'ok', 'a hangup in a call after goaway')
    } else if (invited.code !== 'user-unavailable' && invited.code !== 'rate-limited')
      throw new CheckFailure(
        'ok for an invite after goaway',
        `the outcome was ${invited.code ?? invited.type}`,
      ).shownBy(invited.text)
  }
  if (names.has('discovery')) {
    const user = strangerUser(t)
    await expectAccepted(member.post({ type: 'watch', users: [user] }), 'ok', 'a watch after goaway')
    await expectAccepted(
      member.post({ type: 'find', kind: 'rooms', limit: 1 }),
      'found',
      'a find after goaway',
    )
  }
}

/** drain.under-way */
async function goesOn(t: CheckContext, { room, member, other, loses }: ToldCast): Promise<void> {
  for (const type of relayedTypes) {
    const call = t.callId()
    const message = sampleOf(type, { room, to: other.peer, call, token: '' })
    await expectAccepted(member.post(message), 'ok', `${type} after goaway`)
    await other.expect(type, (m) => m.call === call, `the delivery of ${type} after goaway`)
  }
  await expectAccepted(member.post({ type: 'update', room, data: 1 }), 'ok', 'an update after goaway')
  const isOf = (peer: string) => (m: { readonly member: { readonly peer: string } }) => m.member.peer === peer
  await other.expect('peer-updated', isOf(member.peer), 'peer-updated for an update after goaway')
  for (const [form, how] of [
    [{}, ''],
    [{ data: 2 }, ', with data'],
  ] as const) {
    const again = await requestInTime(member, { type: 'join', room, ...form })
    if (again.type === 'joined') continue
    const what = again.code === undefined ? again.type : `the error ${again.code}`
    const expected = `joined for the second join of a room that the peer is a member of${how}, after goaway`
    throw new CheckFailure(expected, `the outcome was ${what}`).shownBy(again.text)
  }
  await capabilitiesGoOn(t, { member, other })
  const token = await tokenIfNeeded(t)
  if (token !== '') {
    const { type, code, text } = await requestInTime(member, { type: 'auth', method: 'token', token })
    if (type !== 'authenticated' && code !== 'rate-limited')
      throw new CheckFailure(
        'authenticated for an auth of the same user after goaway',
        `the outcome was ${code ?? type}`,
      ).shownBy(text)
  }
  if (loses) {
    loses.link.abort()
    await member.expect(
      'peer-left',
      ({ peer }) => peer === loses.peer,
      'peer-left for a member that is lost after goaway',
    )
  }
  await expectAccepted(member.post({ type: 'ping' }), 'pong', 'a ping after goaway')
  await expectAccepted(other.post({ type: 'leave', room }), 'left', 'a leave after goaway')
  await member.expect('peer-left', ({ peer }) => peer === other.peer, 'peer-left for a leave after goaway')
}
