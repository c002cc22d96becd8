import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alice, bob, bothConnected, carol, connectPair, moreFrames, openRoom } from './room.test.fixture.ts'
import { WrtcPool } from './wrtc.ts'
import type { Call } from './call.ts'

let pool: WrtcPool
beforeAll(() => {
  pool = new WrtcPool()
})
afterAll(() => pool[Symbol.asyncDispose]())

const stable = (call: Call) => call.peer.signalingState === 'stable'
const count = (call: Call, step: 'offer-ignored' | 'offer-rolled-back') => call.log.steps(step).length

/** A generator of the same numbers in every run (Lehmer). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

describe('glare inside a call', () => {
  it('is resolved twenty times, under random delays', async () => {
    const random = randomOf(2_026)
    const room = openRoom(pool, { delay: () => pause(1 + random() * 15) })
    for (let round = 0; round < 20; round += 1) {
      const { caller, callee } = await connectPair(room)
      await bothConnected(caller, callee)
      room.relay.hold(alice, bob)
      room.relay.hold(bob, alice)
      const offered = Promise.all([caller.peer.addTrack('audio'), callee.peer.addTrack('audio')])
      const numbers = Promise.all([caller.negotiate(), callee.negotiate()])
      await Promise.all([offered, numbers])
      room.relay.release(alice, bob)
      room.relay.release(bob, alice)
      await Promise.all([moreFrames(caller, { audio: 5 }), moreFrames(callee, { audio: 5 })])
      await Promise.all([caller, callee].map((call) => call.until(stable, 'stable')))
      await Promise.all([caller.echo('after glare'), callee.echo('after glare')])
      expect(count(caller, 'offer-ignored')).toBeGreaterThan(0)
      expect(count(callee, 'offer-rolled-back')).toBe(count(caller, 'offer-ignored'))
      expect([caller.errors, callee.errors]).toEqual([[], []])
      await caller.hangup()
      await callee.ended
    }
    await room[Symbol.asyncDispose]()
  })

  it('discards the candidates of an ignored ICE restart', async () => {
    const room = openRoom(pool)
    const { caller, callee } = await connectPair(room)
    await bothConnected(caller, callee)
    room.relay.hold(alice, bob)
    room.relay.hold(bob, alice)
    await Promise.all([caller.negotiate(), callee.negotiate({ iceRestart: true })])
    const restart = callee.log.steps('description-sent').at(-1)
    const fragment = restart?.usernameFragments[0]
    const endSent = ({ log }: Call) =>
      log.steps('candidate-sent').some((sent) => sent.candidate === '' && sent.usernameFragment === fragment)
    await callee.until(endSent, 'all candidates of the restart')
    room.relay.release(alice, bob)
    room.relay.release(bob, alice)
    await caller.until(
      ({ log }) => log.steps('candidate-discarded').some(({ candidate }) => candidate === ''),
      'all candidates of the restart discarded',
    )
    expect(count(caller, 'offer-ignored')).toBe(1)
    expect(
      new Set(caller.log.steps('candidate-discarded').map(({ usernameFragment }) => usernameFragment)),
    ).toEqual(new Set([fragment]))
    await Promise.all([caller.echo('still here'), callee.echo('still here')])
    expect([caller.errors, callee.errors]).toEqual([[], []])
    await room[Symbol.asyncDispose]()
  })
})

describe('glare of two calls', () => {
  it.each([
    ['the lower id', true],
    ['the higher id', false],
  ] as const)('leaves one call, with %s drawn by Alice', async (_, lower) => {
    const ids = ['1'.repeat(32), 'e'.repeat(32)]
    const [byAlice, byBob] = lower ? ids : [...ids].reverse()
    const drawn = [byAlice, byBob]
    const room = openRoom(pool, { drawCallId: () => drawn.shift() ?? 'f'.repeat(32) })
    room.relay.hold(alice, bob)
    room.relay.hold(bob, alice)
    const own = await room.endpoint(alice).call(bob)
    const other = await room.endpoint(bob).call(alice)
    await Promise.all([own, other].map((call) => call.until(({ described }) => described, 'offered')))
    room.relay.release(alice, bob)
    room.relay.release(bob, alice)
    const [winner, loser, calledPeer] = lower ? [own, other, bob] : [other, own, alice]
    const taken = await room.take(calledPeer, winner)
    await bothConnected(winner, taken)
    await Promise.all([winner.echo('one'), taken.echo('call')])
    expect(await loser.ended).toMatchObject({ reason: 'glare', supersededBy: taken })
    const hangups = room.relay.sent.filter(({ message }) => message.type === 'hangup')
    const glare: unknown = expect.objectContaining({ call: loser.place.id, reason: 'glare' })
    expect(hangups.toSorted((a, b) => a.from.localeCompare(b.from))).toEqual([
      { from: alice, message: glare },
      { from: bob, message: glare },
    ])
    expect([room.endpoint(alice).calls.length, room.endpoint(bob).calls.length]).toEqual([1, 1])
    await room[Symbol.asyncDispose]()
  })

  it('leaves no dead call when the staying call is hung up before the other offer arrives', async () => {
    const drawn = ['1'.repeat(32), 'e'.repeat(32)]
    const room = openRoom(pool, { drawCallId: () => drawn.shift() ?? 'f'.repeat(32) })
    room.relay.hold(alice, bob)
    room.relay.hold(bob, alice)
    const staying = await room.endpoint(alice).call(bob)
    const givenUp = await room.endpoint(bob).call(alice)
    await Promise.all([staying, givenUp].map((call) => call.until(({ described }) => described, 'offered')))
    await staying.hangup()
    room.relay.release(alice, bob)
    await givenUp.ended
    room.relay.release(bob, alice)
    const taken = await room.take(alice, givenUp)
    expect(await taken.ended).toMatchObject({ reason: 'glare', by: 'remote' })
    expect([room.endpoint(alice).calls.length, room.endpoint(bob).calls.length]).toEqual([0, 0])
    await room[Symbol.asyncDispose]()
  })

  it('does not touch calls with different labels', async () => {
    const room = openRoom(pool)
    room.relay.hold(alice, bob)
    room.relay.hold(bob, alice)
    const camera = await room.endpoint(alice).call(bob, { label: 'camera' })
    const screen = await room.endpoint(bob).call(alice, { label: 'screen' })
    room.relay.release(alice, bob)
    room.relay.release(bob, alice)
    const taken = await Promise.all([room.take(bob, camera), room.take(alice, screen)])
    await bothConnected(camera, screen, ...taken)
    await Promise.all([camera.echo('camera'), screen.echo('screen')])
    expect(taken.map(({ place }) => place.label)).toEqual(['camera', 'screen'])
    await room[Symbol.asyncDispose]()
  })
})

describe('CallEndpoint', () => {
  it('connects a mesh of three peers', async () => {
    const room = openRoom(pool)
    const pairs = [
      [alice, bob],
      [bob, carol],
      [carol, alice],
    ] as const
    for (const [, peer] of pairs) room.endpoint(peer)
    const calls = await Promise.all(
      pairs.map(async ([from, to]) => {
        const call = await room.endpoint(from).call(to)
        return [call, await room.take(to, call)] as const
      }),
    )
    await bothConnected(...calls.flat())
    await Promise.all(calls.flat().map((call) => call.echo(`mesh ${call.place.role}`)))
    await room[Symbol.asyncDispose]()
  })
})
