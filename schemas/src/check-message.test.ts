import { describe, expect, test } from 'vitest'
import { isCallRelay } from './call-form.ts'
import {
  checkClientMessage,
  checkClientMessageInCalls,
  checkServerMessage,
  checkServerMessageInCalls,
} from './check-message.ts'

const relay = {
  to: 'k7Jf3mWq9ZtYb2Ls0XcVn5Rg',
  room: 'lobby',
  call: '4f9d0c2ab7e84c1fa3365b9e0d7c1822',
  negotiation: 1,
}
const from = { from: 'V1StGXR8_Z5jdHi6B-myT0q3' }

describe('checkClientMessage()', () => {
  test.each([null, 5, 'offer', [], [{ type: 'ping' }], true, undefined])(
    'refuses %j, which is no object',
    (value) => {
      expect(checkClientMessage(value)).toMatchObject({ ok: false, reason: 'not-object' })
    },
  )

  test.each([{}, { type: 5 }, { type: null }, { type: ['ping'] }])(
    'refuses %j, which has no type',
    (value) => {
      expect(checkClientMessage(value)).toMatchObject({ ok: false, reason: 'no-type' })
    },
  )

  test.each(['', 'Ping', 'ping ', '__proto__', 'constructor', 'toString', 'welcome', 'com..x'])(
    'does not know the type %j',
    (type) => {
      expect(checkClientMessage({ type })).toMatchObject({ ok: false, reason: 'unsupported-type', type })
    },
  )

  test('takes every reverse-domain type as a message of an application', () => {
    const message = { type: 'com.example.x', room: 'r', sdp: 7, call: null }
    expect(checkClientMessage(message)).toEqual({ ok: true, message })
    expect(checkClientMessage({ type: 'com.example.x' })).toMatchObject({ ok: false, reason: 'bad-shape' })
    expect(checkServerMessage(message)).toMatchObject({ ok: false, reason: 'bad-shape' })
    expect(checkServerMessage({ ...message, ...from })).toMatchObject({ ok: true })
  })

  test('takes a relayed message without from, and returns the value itself', () => {
    const message = { type: 'offer', ...relay, sdp: '' }
    expect(checkClientMessage(message)).toEqual({ ok: true, message })
    expect(checkClientMessage({ ...message, ...from })).toMatchObject({
      ok: false,
      detail: '/from: must not be present',
    })
  })

  test.each([
    [{ type: 'join' }, '/room: is required'],
    [{ type: 'join', room: 5 }, '/room: expected string'],
    [{ type: 'join', room: 'a\n' }, "/room: expected string to match '^[ -~]{1,128}$'"],
    [{ type: 'hello', versions: [1, 0] }, '/versions/1: expected integer to be greater or equal to 1'],
    [{ type: 'ping', $now: 1 }, '/$now: names that begin with "$" are reserved'],
    [{ type: 'hangup', ...relay, reason: 'because' }, '/reason: expected a HangupReason'],
  ])('says what is wrong with %j', (value, detail) => {
    expect(checkClientMessage(value)).toEqual({ ok: false, reason: 'bad-shape', type: value.type, detail })
  })

  test('never repeats a value, and cuts long names', () => {
    const secret = 's'.repeat(5_000)
    const refused = [
      { type: 'auth', method: 'token', token: `${secret}\n` },
      { type: 'hello', versions: [1], replaces: secret },
      { type: 'hello', versions: [1], capabilities: { [secret]: 1 } },
      { type: 'ping', [`$${secret}`]: 1 },
    ].map(checkClientMessage)
    for (const result of refused) {
      expect(result.ok).toBe(false)
      if (!result.ok) expect(result.detail.length).toBeLessThan(200)
    }
  })

  test('is not misled by a member named __proto__', () => {
    const value: unknown = JSON.parse('{"type":"join","__proto__":{"room":"lobby"}}')
    expect(checkClientMessage(value)).toMatchObject({ ok: false, detail: '/room: is required' })
  })
})

describe('checkServerMessage()', () => {
  test('takes a relayed message only with from', () => {
    const message = { type: 'hangup', to: relay.to, room: relay.room, call: relay.call, reason: 'normal' }
    expect(checkServerMessage({ ...message, ...from }).ok).toBe(true)
    expect(checkServerMessage(message)).toMatchObject({ ok: false, detail: '/from: is required' })
  })

  test('does not know what only clients send', () => {
    expect(checkServerMessage({ type: 'hello', versions: [1] })).toMatchObject({
      ok: false,
      reason: 'unsupported-type',
    })
  })
})

describe('checkClientMessageInCalls() and checkServerMessageInCalls()', () => {
  const { room, ...inCall } = {
    type: 'hangup',
    to: relay.to,
    room: relay.room,
    call: relay.call,
    reason: 'normal',
  }

  test('take negotiation without room, which Core does not', () => {
    expect(checkClientMessageInCalls(inCall)).toEqual({ ok: true, message: inCall })
    expect(checkServerMessageInCalls({ ...inCall, ...from }).ok).toBe(true)
    expect(checkClientMessage(inCall)).toMatchObject({ ok: false, detail: '/room: is required' })
    expect(checkServerMessage({ ...inCall, ...from })).toMatchObject({
      ok: false,
      detail: '/room: is required',
    })
    expect(checkClientMessageInCalls({ ...inCall, call: 5 })).toMatchObject({
      detail: '/call: expected string',
    })
  })

  test('take a room for a room, and every other message as it is', () => {
    expect(checkClientMessageInCalls({ ...inCall, room }).ok).toBe(true)
    expect(checkClientMessageInCalls({ ...inCall, room: 5 })).toMatchObject({
      detail: '/room: expected string',
    })
    expect(checkClientMessageInCalls({ type: 'ping' }).ok).toBe(true)
    expect(checkClientMessageInCalls(null)).toMatchObject({ reason: 'not-object' })
    expect(checkClientMessageInCalls({ type: 'toString' })).toMatchObject({ reason: 'unsupported-type' })
  })

  test('are told apart by isCallRelay()', () => {
    const others = [{ ...inCall, room }, { type: 'ping' }, { type: 'invite', call: relay.call }]
    expect([inCall, ...others].map(isCallRelay)).toEqual([true, false, false, false])
  })
})
