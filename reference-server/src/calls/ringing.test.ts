import { describe, expect, test } from 'vitest'
import { TestClient } from '../client.test.support.ts'
import { ask, drawCall, invite, openScene, ring, unread } from './calls.test.support.ts'

const ben = { user: 'ben' }

describe('a call to a user', () => {
  test('rings on every device, says who calls, and carries label and data', async () => {
    const { client } = await openScene()
    const [ada, phone, laptop, cas] = [
      await client('ada'),
      await client('ben'),
      await client('ben', ''),
      await client('cas'),
    ]
    const data = { video: true, text: 'hé\u2028', 'x\\"': [1.5e300, null] }
    const { call, outcome } = await invite(ada, ben, { label: 'camera', data })
    expect(outcome).toEqual({ type: 'ok', ref: 'asked' })
    for (const device of [phone, laptop])
      expect(await device.next('invite')).toEqual({
        type: 'invite',
        call,
        caller: { peer: ada.peer, user: 'ada' },
        label: 'camera',
        data,
      })
    expect(await unread(cas)).toEqual([])
    expect(await unread(ada)).toEqual([])
  })

  test('goes to the first that accepts; the caller learns of one, the others stop', async () => {
    const { client } = await openScene()
    const [ada, phone, laptop] = [await client('ada'), await client('ben'), await client('ben')]
    const call = await ring(ada, ben, [phone, laptop])
    expect(await ask(phone, { type: 'ringing', call })).toEqual({ type: 'ok', ref: 'asked' })
    await ask(laptop, { type: 'ringing', call })
    expect(await unread(ada)).toEqual([{ type: 'ringing', call }])
    ada.received.length = 0
    expect(await ask(laptop, { type: 'accept', call })).toEqual({ type: 'ok', ref: 'asked' })
    expect(await unread(ada)).toEqual([{ type: 'accept', call, callee: { peer: laptop.peer, user: 'ben' } }])
    expect(await phone.next('cancel')).toEqual({ type: 'cancel', call, reason: 'answered-elsewhere' })
    for (const type of ['accept', 'ringing', 'hangup'])
      expect(await ask(phone, late(type, call, ada.peer))).toMatchObject({
        code: 'call-ended',
        of: type,
        call,
      })
    expect(await ask(laptop, { type: 'accept', call })).toMatchObject({ code: 'call-state' })
  })

  test('has one winner when all accept at once', async () => {
    const { client } = await openScene()
    const ada = await client('ada')
    const devices = await Promise.all(Array.from({ length: 6 }, () => client('ben')))
    const call = await ring(ada, ben, devices)
    for (const device of devices) device.send({ type: 'accept', id: 'mine', call })
    const outcomes = await Promise.all(devices.map((device) => device.next('ok', 'error')))
    expect(outcomes.map(({ type, code }) => code ?? type).toSorted()).toEqual([
      ...Array<string>(5).fill('call-ended'),
      'ok',
    ])
    const winner = devices[outcomes.findIndex(({ type }) => type === 'ok')]
    expect(await ada.next('accept')).toMatchObject({ callee: { peer: winner?.peer } })
    for (const device of devices)
      expect((await unread(device)).map(({ reason }) => reason)).toEqual(
        device === winner ? [] : ['answered-elsewhere'],
      )
    expect(await unread(ada)).toEqual([])
  })

  test('is over for all when one declines, in the words of that one', async () => {
    const { client } = await openScene()
    const [ada, phone, laptop] = [await client('ada'), await client('ben'), await client('ben')]
    for (const reason of ['declined', 'com.example.asleep']) {
      const call = await ring(ada, ben, [phone, laptop])
      await ask(phone, { type: 'reject', call, reason })
      expect(await ada.next('reject')).toEqual({ type: 'reject', call, reason })
      expect(await laptop.next('cancel')).toEqual({ type: 'cancel', call, reason: 'declined-elsewhere' })
      expect(await unread(phone)).toEqual([])
      expect(await ask(laptop, { type: 'accept', call })).toMatchObject({ code: 'call-ended' })
    }
  })

  test('goes on at the others when one is busy or lost, and the last one out decides', async () => {
    const { client } = await openScene()
    const [ada, phone, laptop] = [await client('ada'), await client('ben'), await client('ben')]
    const first = await ring(ada, ben, [phone, laptop])
    await ask(phone, { type: 'reject', call: first, reason: 'busy' })
    expect(await unread(ada)).toEqual([])
    expect(await unread(laptop)).toEqual([])
    await ask(laptop, { type: 'reject', call: first, reason: 'busy' })
    expect(await ada.next('reject')).toMatchObject({ call: first, reason: 'busy' })
    const second = await ring(ada, ben, [phone, laptop])
    await ask(phone, { type: 'reject', call: second, reason: 'busy' })
    laptop.webSocket.terminate()
    expect(await ada.next('reject')).toMatchObject({ call: second, reason: 'lost' })
  })

  test('ends when its time is over, and not before', async () => {
    const { client, clock } = await openScene({ ringSeconds: 40 })
    const [ada, phone, laptop] = [await client('ada'), await client('ben'), await client('ben')]
    for (const [asked, seconds] of [
      [{ ringSeconds: 3 }, 3],
      [{}, 40],
      [{ ringSeconds: 600 }, 40],
    ] as const) {
      const call = await ring(ada, ben, [phone, laptop], asked)
      clock.advance(seconds * 1000 - 300)
      expect(await unread(ada)).toEqual([])
      clock.advance(600)
      expect(await ada.next('reject')).toEqual({ type: 'reject', call, reason: 'timeout' })
      for (const device of [phone, laptop])
        expect(await device.next('cancel')).toEqual({ type: 'cancel', call, reason: 'timeout' })
    }
  })

  test('does not end any more when it has been taken', async () => {
    const { client, clock } = await openScene({ idleSeconds: 3600 })
    const [ada, phone] = [await client('ada'), await client('ben')]
    const call = await ring(ada, ben, [phone], { ringSeconds: 5 })
    await ask(phone, { type: 'accept', call })
    clock.advance(60_000)
    expect((await unread(ada)).map(({ type }) => type)).toEqual(['accept'])
    expect(await unread(phone)).toEqual([])
  })

  test('and what its caller withdraws cross: the first to be taken counts', async () => {
    const { client } = await openScene()
    const [ada, phone] = [await client('ada'), await client('ben')]
    const first = await ring(ada, ben, [phone])
    expect(await ask(ada, { type: 'cancel', call: first, reason: 'normal' })).toMatchObject({ type: 'ok' })
    expect(await ask(phone, { type: 'accept', call: first })).toMatchObject({ code: 'call-ended' })
    expect(await phone.next('cancel')).toEqual({ type: 'cancel', call: first, reason: 'normal' })
    expect(await ask(ada, { type: 'cancel', call: first, reason: 'normal' })).toMatchObject({
      code: 'call-ended',
    })
    const second = await ring(ada, ben, [phone])
    expect(await ask(phone, { type: 'accept', call: second })).toMatchObject({ type: 'ok' })
    expect(await ask(ada, { type: 'cancel', call: second, reason: 'normal' })).toMatchObject({
      code: 'call-state',
    })
    expect((await unread(ada)).map(({ type }) => type)).toEqual(['accept'])
    expect(await unread(phone)).toEqual([])
  })

  test('ends when its caller is lost, says bye or is replaced', async () => {
    const { client, url } = await openScene()
    const phone = await client('ben')
    for (const way of ['lost', 'bye', 'replaced'] as const) {
      const ada = await client('ada')
      const call = await ring(ada, ben, [phone])
      if (way === 'lost') ada.webSocket.terminate()
      else if (way === 'bye') ada.send({ type: 'bye' })
      else {
        const heir = await TestClient.open(url)
        heir.send({ type: 'hello', versions: [1], replaces: ada.session })
      }
      expect(await phone.next('cancel')).toEqual({ type: 'cancel', call, reason: 'lost' })
      expect(await ask(phone, { type: 'accept', call })).toMatchObject({ code: 'call-ended' })
    }
  })

  test('answers what is said at the wrong moment, or by somebody else', async () => {
    const { client } = await openScene()
    const [ada, phone, cas] = [await client('ada'), await client('ben'), await client('cas')]
    const call = await ring(ada, ben, [phone])
    for (const type of ['ringing', 'accept', 'reject', 'hangup', 'offer'])
      expect(await ask(ada, late(type, call, phone.peer))).toMatchObject({ code: 'call-state', of: type })
    for (const type of ['cancel', 'hangup', 'offer'])
      expect(await ask(phone, late(type, call, ada.peer))).toMatchObject({ code: 'call-state', of: type })
    for (const type of ['ringing', 'accept', 'reject', 'cancel', 'hangup', 'offer']) {
      const real = await ask(cas, late(type, call, ada.peer))
      const unreal = await ask(cas, late(type, drawCall(), ada.peer))
      expect(real).toMatchObject({ code: 'call-not-found', of: type, call })
      expect({ ...unreal, call }).toEqual(real)
    }
    expect(await unread(phone)).toEqual([])
    expect(await unread(ada)).toEqual([])
  })
})

describe('two who call each other', () => {
  const low = `0${drawCall().slice(1)}`
  const high = `f${drawCall().slice(1)}`

  test.each([
    ['the lower id comes last', high, low],
    ['the lower id comes first', low, high],
  ])('are left with the lower id: %s', async (_name, first, second) => {
    const { client } = await openScene()
    const [ada, phone, laptop] = [await client('ada'), await client('ben'), await client('ben')]
    await ask(ada, { type: 'invite', call: first, callee: ben })
    for (const device of [phone, laptop]) await device.next('invite')
    const outcome = await ask(phone, { type: 'invite', call: second, callee: { user: 'ada' } })
    expect(outcome).toMatchObject({ type: 'ok' })
    const glare = (type: string, call: string) => ({ type, call, reason: 'glare' })
    if (second === low) {
      expect(await ada.next('reject')).toEqual(glare('reject', high))
      expect(await ada.next('invite')).toMatchObject({ call: low, caller: { peer: phone.peer, user: 'ben' } })
      for (const device of [phone, laptop]) expect(await device.next('cancel')).toEqual(glare('cancel', high))
      expect(await ask(ada, { type: 'accept', call: low })).toMatchObject({ type: 'ok' })
      expect(await phone.next('accept')).toMatchObject({ call: low })
    } else {
      expect(await phone.next('reject')).toEqual(glare('reject', high))
      expect(await unread(ada)).toEqual([])
      expect(await ask(phone, { type: 'accept', call: low })).toMatchObject({ type: 'ok' })
      expect(await ada.next('accept')).toMatchObject({ call: low })
    }
    for (const one of [ada, phone]) expect(await unread(one)).toEqual([])
  })

  test('have two calls where the labels differ, one is taken, or one does not ring at the other caller', async () => {
    const { client } = await openScene()
    const [ada, phone, laptop] = [await client('ada'), await client('ben'), await client('ben')]
    const first = await ring(ada, ben, [phone, laptop], { label: 'camera' })
    const second = await ring(phone, { user: 'ada' }, [ada])
    await ask(phone, { type: 'reject', call: first, reason: 'busy' })
    const third = await ring(phone, { user: 'ada' }, [ada], { label: 'camera' })
    await ask(laptop, { type: 'accept', call: first })
    const fourth = await ring(laptop, { user: 'ada' }, [ada], { label: 'camera' })
    for (const call of [second, third, fourth])
      expect(await ask(ada, { type: 'accept', call })).toMatchObject({ type: 'ok' })
  })
})

function late(type: string, call: string, to: string): object {
  const reason = { reject: 'declined', cancel: 'normal', hangup: 'normal' }[type]
  const relayed = type === 'hangup' || type === 'offer' ? { to } : {}
  const described = type === 'offer' ? { negotiation: 1, sdp: '' } : {}
  return { type, call, ...(reason === undefined ? {} : { reason }), ...relayed, ...described }
}
