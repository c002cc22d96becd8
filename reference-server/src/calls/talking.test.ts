import { describe, expect, test } from 'vitest'
import { TestClient } from '../client.test.support.ts'
import { ask, drawCall, invite, openScene, ring, talk, unread } from './calls.test.support.ts'

const description = (type: 'offer' | 'answer', call: string, to: string, more: object = {}) => ({
  type,
  to,
  call,
  negotiation: 1,
  sdp: 'v=0\r\nx-unknown: \u2028\r\n',
  ...more,
})

describe('a call that has been taken', () => {
  test('carries the negotiation of its parties, unread and in order, until one hangs up', async () => {
    const { client } = await openScene()
    const [ada, ben] = [await client('ada'), await client('ben')]
    for (const [one, other] of [
      [ada, ben],
      [ben, ada],
    ] as const) {
      const call = await talk(ada, ben)
      const sent = [
        description('answer', call, other.peer, { 'com.example.x': [1e21] }),
        description('offer', call, other.peer),
        {
          type: 'candidate',
          to: other.peer,
          call,
          negotiation: 7,
          candidate: { candidate: '', usernameFragment: 'abcd' },
        },
        { type: 'hangup', to: other.peer, call, reason: 'normal' },
      ]
      for (const message of sent) expect(await ask(one, message)).toEqual({ type: 'ok', ref: 'asked' })
      expect(await unread(other)).toEqual(
        sent.map((message) => ({ id: 'asked', ...message, from: one.peer })),
      )
      other.received.length = 0
      for (const each of [one, other])
        for (const type of ['offer', 'hangup', 'accept', 'cancel', 'reject'])
          expect(
            await ask(each, {
              reason: 'normal',
              ...description('offer', call, other.peer),
              type,
              ...(type === 'reject' ? { reason: 'busy' } : {}),
            }),
          ).toMatchObject({
            code: 'call-ended',
            of: type,
          })
      for (const each of [one, other]) expect(await unread(each)).toEqual([])
    }
  })

  test('is between two: nobody else is a receiver or a sender', async () => {
    const { client } = await openScene()
    const [ada, ben, cas] = [await client('ada'), await client('ben'), await client('cas')]
    const call = await talk(ada, ben)
    for (const to of [cas.peer, ada.peer, 'nobody-was-ever-called-so'])
      for (const message of [description('offer', call, to), { type: 'hangup', to, call, reason: 'normal' }])
        expect(await ask(ada, message)).toMatchObject({ code: 'peer-not-found', to, call })
    for (const to of [ada.peer, ben.peer])
      expect(await ask(cas, { type: 'hangup', to, call, reason: 'normal' })).toMatchObject({
        code: 'call-not-found',
      })
    expect(await ask(ada, description('offer', call, ben.peer))).toMatchObject({ type: 'ok' })
    expect(await unread(cas)).toEqual([])
  })

  test('ends when a party is lost, after what that one has sent', async () => {
    const { client } = await openScene()
    for (const gone of ['caller', 'callee'] as const) {
      const [ada, ben] = [await client('ada'), await client('ben')]
      const call = await talk(ada, ben)
      const [leaver, other] = gone === 'caller' ? [ada, ben] : [ben, ada]
      leaver.send(description('offer', call, other.peer))
      leaver.send({ type: 'bye' })
      await leaver.closed
      await other.next('peer-left')
      expect((await unread(other)).map(({ type, reason }) => [type, reason])).toEqual([
        ['offer', undefined],
        ['call-ended', 'lost'],
      ])
      expect(await ask(other, { type: 'hangup', to: leaver.peer, call, reason: 'normal' })).toMatchObject({
        code: 'call-ended',
      })
    }
  })

  test('has nothing to do with rooms, and outlives a refresh of the authentication', async () => {
    const { client } = await openScene()
    const [ada, ben] = [await client('ada'), await client('ben')]
    const call = await talk(ada, ben)
    const inRoom = { ...description('offer', call, ben.peer), room: 'lobby', label: 'camera' }
    expect(await ask(ada, inRoom)).toMatchObject({ type: 'ok' })
    expect(await ben.next('offer')).toEqual({ id: 'asked', ...inRoom, from: ada.peer })
    ada.send({ type: 'leave', room: 'lobby' })
    ada.send({ type: 'auth', method: 'token', token: 'ada' })
    await ada.next('authenticated')
    expect(await ask(ada, inRoom)).toMatchObject({ code: 'not-in-room' })
    expect(await ask(ada, description('offer', call, ben.peer))).toMatchObject({ type: 'ok' })
    expect(await ben.next('offer')).toMatchObject({ call, from: ada.peer })
  })

  test('lets a second one begin while it goes on, up to callsPerPeer', async () => {
    const { client } = await openScene({ callsPerPeer: 2 })
    const [ada, ben, cas] = [await client('ada'), await client('ben'), await client('cas')]
    const first = await talk(ada, ben)
    const second = await talk(cas, ben)
    expect((await invite(ben, { user: 'ada' })).outcome).toMatchObject({ code: 'forbidden', of: 'invite' })
    expect((await invite(cas, { user: 'ben' })).outcome).toMatchObject({ code: 'user-unavailable' })
    await ask(ben, { type: 'hangup', to: cas.peer, call: second, reason: 'normal' })
    await talk(ben, cas)
    expect(await ask(ada, description('offer', first, ben.peer))).toMatchObject({ type: 'ok' })
  })
})

describe('a call id', () => {
  test('is not used twice, whoever tries', async () => {
    const { client, clock } = await openScene({ idleSeconds: 3600 })
    const [ada, ben, cas] = [await client('ada'), await client('ben'), await client('cas')]
    const again = (call: string) => ({ type: 'invite', call, callee: { user: 'ben' } })
    const call = await ring(ada, { user: 'ben' }, [ben])
    for (const each of [ada, ben, cas])
      expect(await ask(each, again(call))).toMatchObject({ code: 'call-exists', call })
    await ask(ben, { type: 'accept', call })
    for (const each of [ada, cas]) expect(await ask(each, again(call))).toMatchObject({ code: 'call-exists' })
    await ask(ada, { type: 'hangup', to: ben.peer, call, reason: 'normal' })
    clock.advance(30_000)
    for (const each of [ada, ben, cas])
      expect(await ask(each, again(call))).toMatchObject({ code: 'call-ended', call })
    expect(await ask(ben, { type: 'accept', call })).toMatchObject({ code: 'call-ended' })
    clock.advance(60_000)
    expect(await ask(ben, { type: 'accept', call })).toMatchObject({ code: 'call-not-found' })
  })

  test('of calls that are over takes a bounded place', async () => {
    const { client, clock } = await openScene({ idleSeconds: 3600 })
    const [ada, ben] = [await client('ada'), await client('ben')]
    let outcome = {}
    for (let count = 0; count < 256; count += 1) {
      const { call } = await invite(ada, { user: 'ben' })
      outcome = await ask(ada, { type: 'cancel', call, reason: 'normal' })
    }
    expect(outcome).toMatchObject({ type: 'ok' })
    const refused = (await invite(ada, { user: 'ben' })).outcome
    expect(refused).toMatchObject({ code: 'rate-limited', fatal: false, retryAfterMs: 60_000 })
    expect((await invite(ben, { user: 'ada' })).outcome).toMatchObject({ type: 'ok' })
    clock.advance(61_000)
    expect((await invite(ada, { user: 'ben' })).outcome).toMatchObject({ type: 'ok' })
  })
})

describe('an invite', () => {
  test('that rings nowhere has one answer, whatever the reason', async () => {
    const { client, url } = await openScene()
    const ada = await client('ada')
    const stranger = await client('cas', 'elsewhere')
    const core = await TestClient.greeted(url)
    core.send({ type: 'auth', method: 'token', token: 'ben' })
    await core.next('authenticated')
    core.send({ type: 'join', room: 'lobby' })
    await core.next('joined')
    const callees = [
      { user: 'ada' },
      { user: 'ben' },
      { user: 'cas' },
      { user: 'nobody' },
      { peer: ada.peer },
      { peer: stranger.peer },
      { peer: core.peer },
      { peer: 'nobody-was-ever-called-so' },
    ]
    for (const callee of callees) {
      const { call, outcome } = await invite(ada, callee)
      expect(outcome).toEqual({
        type: 'error',
        ref: 'asked',
        code: 'user-unavailable',
        message: 'Cannot take this invite: nobody can be rung',
        fatal: false,
        of: 'invite',
        call,
      })
      expect(await ask(ada, { type: 'cancel', call, reason: 'normal' })).toMatchObject({
        code: 'call-not-found',
      })
    }
    for (const each of [stranger, core]) expect(await unread(each)).toEqual([])
  })

  test('rings the members of a common room in which its sender may send, by peer and by user', async () => {
    const token = (user: string, send: boolean) => ({
      token: `${user}-${String(send)}`,
      user,
      grants: [{ room: 'lobby', join: true, send }],
    })
    const { client } = await openScene({
      tokens: [token('ada', true), token('ada', false), token('ben', true)],
    })
    const [may, mayNot, ben] = [await client('ada-true'), await client('ada-false'), await client('ben-true')]
    for (const callee of [{ peer: ben.peer }, { user: 'ben' }]) {
      expect((await invite(may, callee)).outcome).toMatchObject({ type: 'ok' })
      expect((await invite(mayNot, callee)).outcome).toMatchObject({ code: 'user-unavailable' })
    }
  })

  test('rings anybody where the operator says so', async () => {
    const { client } = await openScene({ invites: 'anyone' })
    const [ada, ben] = [await client('ada', ''), await client('ben', '')]
    expect((await invite(ada, { user: 'ben' })).outcome).toMatchObject({ type: 'ok' })
    expect((await invite(ada, { peer: ben.peer })).outcome).toMatchObject({ type: 'ok' })
  })

  test('is judged by the application where it has a rule, which is asked in every case', async () => {
    const asked: unknown[] = []
    const answers: Record<string, () => unknown> = {
      ben: () => Promise.resolve(true),
      cas: () => false,
      nobody: () => Promise.reject(new Error('the rule fails')),
      ada: () => 'yes',
    }
    const { client } = await openScene({
      mayInvite: (question) => {
        asked.push(question)
        return answers[question.callee.user ?? 'cas']?.() as boolean
      },
    })
    const [ada, ben, cas] = [await client('ada', ''), await client('ben', ''), await client('cas')]
    const outcomes: unknown[] = []
    for (const user of ['ben', 'cas', 'nobody', 'ada'])
      outcomes.push((await invite(ada, { user })).outcome['code'] ?? 'ok')
    expect(outcomes).toEqual(['ok', 'user-unavailable', 'user-unavailable', 'user-unavailable'])
    expect(asked).toEqual(
      ['ben', 'cas', 'nobody', 'ada'].map((user) => ({
        caller: { peer: ada.peer, user: 'ada' },
        callee: { user },
      })),
    )
    expect(await unread(ben)).toMatchObject([{ type: 'invite' }])
    expect(await unread(cas)).toEqual([])
  })

  test('has data of dataBytes and no more', async () => {
    const { client } = await openScene({ dataBytes: 10 })
    const [ada, ben] = [await client('ada'), await client('ben')]
    expect((await invite(ada, { user: 'ben' }, { data: 'é234567' })).outcome).toMatchObject({ type: 'ok' })
    expect((await invite(ada, { user: 'ben' }, { data: 'é2345678' })).outcome).toMatchObject({
      code: 'too-large',
    })
    expect(await ben.next('invite')).toMatchObject({ data: 'é234567' })
    expect(await unread(ben)).toEqual([])
  })

  test('needs no user where nobody authenticates', async () => {
    const { client } = await openScene({ tokens: undefined as never })
    const [ada, ben] = [await client(), await client()]
    const call = await ring(ada, { peer: ben.peer }, [])
    expect(await ben.next('invite')).toEqual({ type: 'invite', call, caller: { peer: ada.peer } })
    await ask(ben, { type: 'accept', call })
    expect(await ada.next('accept')).toEqual({ type: 'accept', call, callee: { peer: ben.peer } })
    expect((await invite(ada, { user: 'ben' })).outcome).toMatchObject({ code: 'user-unavailable' })
  })
})

describe('without calls in force', () => {
  test('nothing of it is there: a message without room is malformed', async () => {
    const { client, url } = await openScene({ tokens: undefined as never })
    const core = await TestClient.greeted(url)
    const ada = await client()
    const call = drawCall()
    expect(await ask(core, { type: 'invite', call, callee: { peer: ada.peer } })).toMatchObject({
      code: 'unsupported-type',
    })
    for (const type of ['offer', 'answer'] as const)
      expect(await ask(core, description(type, call, ada.peer))).toMatchObject({
        code: 'bad-message',
        of: type,
      })
    expect(await ask(ada, description('offer', call, core.peer))).toMatchObject({ code: 'call-not-found' })
    const frame = { ...description('offer', call, ada.peer), room: 5 }
    for (const each of [core, ada]) expect(await ask(each, frame)).toMatchObject({ code: 'bad-message' })
  })
})
