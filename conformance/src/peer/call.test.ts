import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alice, bob, bothConnected, connectPair, moreFrames, openRoom } from './room.test.fixture.ts'
import { SignalingError } from './signaling-error.ts'
import { statsUntil } from './stats-until.ts'
import { WrtcPool } from './wrtc.ts'
import type { Call } from './call.ts'
import type { PeerConnection } from './peer-connection.ts'

let pool: WrtcPool
beforeAll(() => {
  pool = new WrtcPool()
})
afterAll(() => pool[Symbol.asyncDispose]())

const withMedia = async (peer: PeerConnection) => {
  await peer.createDataChannel('data')
  await peer.addTrack('audio')
  await peer.addTrack('video')
}

async function alivePair(call: Call) {
  const before = await call.peer.getStats()
  await call.echo(`alive ${before.bytesSent}`)
  return statsUntil(call.peer, ({ selectedPair, bytesSent, bytesReceived }) => {
    const grown = bytesSent > before.bytesSent && bytesReceived > before.bytesReceived
    return grown && selectedPair?.state === 'succeeded'
  })
}

describe('Call', () => {
  it('connects, and echoes in both directions', async () => {
    const room = openRoom(pool)
    const { caller, callee } = await connectPair(room)
    await bothConnected(caller, callee)
    await Promise.all([caller.echo('from the caller'), callee.echo('from the callee')])
    for (const call of [caller, callee]) {
      const stats = await alivePair(call)
      expect(stats).toMatchObject({ dtlsState: 'connected', selectedPair: { local: { protocol: 'udp' } } })
    }
    expect(caller.log.steps('description-sent').map(({ digest }) => digest)).toEqual(
      callee.log.steps('description-received').map(({ digest }) => digest),
    )
    await room[Symbol.asyncDispose]()
  })

  it('sends a description before its candidates, and one end of candidates', async () => {
    const room = openRoom(pool)
    const { caller, callee } = await connectPair(room)
    const ended = (call: Call) =>
      call.log.steps('candidate-received').some(({ candidate }) => candidate === '')
    await Promise.all([caller, callee].map((call) => call.until(ended, 'end of candidates')))
    await bothConnected(caller, callee)
    for (const call of [caller, callee]) {
      const sent = call.log.entries.filter(({ step }) => /^(description|candidate)-sent$/.test(step))
      expect(sent[0]?.step).toBe('description-sent')
      const lines = call.log.steps('candidate-sent').map(({ candidate }) => candidate)
      expect(lines.indexOf('')).toBe(lines.length - 1)
      expect(lines.length).toBeGreaterThan(1)
    }
    await room[Symbol.asyncDispose]()
  })

  it('carries audio and video both ways', async () => {
    const room = openRoom(pool, { incoming: () => ({ setup: withMedia }) })
    const { caller, callee } = await connectPair(room, { setup: withMedia })
    await bothConnected(caller, callee)
    await Promise.all([caller, callee].map((call) => moreFrames(call, { audio: 20, video: 5 })))
    for (const call of [caller, callee]) {
      await statsUntil(
        call.peer,
        ({ inbound: { audio, video } }) => audio.packetsReceived > 0 && video.framesDecoded > 0,
      )
    }
    await room[Symbol.asyncDispose]()
  })

  it('keeps early candidates for their description', async () => {
    const room = openRoom(pool, { incoming: () => ({ holdDescriptions: true }) })
    const { caller, callee } = await connectPair(room)
    await callee.until(
      ({ log }) => log.steps('candidate-kept').some(({ candidate }) => candidate === ''),
      'all candidates of the caller kept',
    )
    expect(callee.waitingCandidates).toBeGreaterThan(1)
    expect(callee.log.steps('description-applied')).toEqual([])
    callee.releaseDescriptions()
    await bothConnected(caller, callee)
    expect(callee.waitingCandidates).toBe(0)
    await caller.echo('after early candidates')
    await room[Symbol.asyncDispose]()
  })

  it('connects with candidates that come late', async () => {
    const room = openRoom(pool, { incoming: () => ({ holdCandidates: true }) })
    const { caller, callee } = await connectPair(room, { holdCandidates: true })
    await caller.until(({ log }) => log.steps('description-applied').length === 1, 'the answer')
    expect(room.relay.sent.map(({ message }) => message.type)).toEqual(['offer', 'answer'])
    caller.releaseCandidates()
    callee.releaseCandidates()
    await bothConnected(caller, callee)
    await callee.echo('after late candidates')
    await room[Symbol.asyncDispose]()
  })

  it('connects without trickle', async () => {
    const room = openRoom(pool, { incoming: () => ({ vanilla: true }) })
    const { caller, callee } = await connectPair(room, { vanilla: true })
    await bothConnected(caller, callee)
    await caller.echo('vanilla')
    expect(room.relay.sent.map(({ message }) => message.type)).toEqual(['offer', 'answer'])
    await room[Symbol.asyncDispose]()
  })

  it('lets the callee call back in a call of its own', async () => {
    const room = openRoom(pool)
    const { caller, callee } = await connectPair(room)
    await bothConnected(caller, callee)
    const back = await room.endpoint(bob).call(alice)
    const taken = await room.take(alice, back)
    await bothConnected(back, taken)
    await Promise.all([caller.echo('there'), back.echo('and back')])
    expect(room.endpoint(alice).calls).toHaveLength(2)
    await room[Symbol.asyncDispose]()
  })

  it.each(['caller', 'callee'] as const)('renegotiates from the side of the %s', async (side) => {
    const room = openRoom(pool)
    const pair = await connectPair(room)
    await bothConnected(pair.caller, pair.callee)
    const [own, other] = side === 'caller' ? [pair.caller, pair.callee] : [pair.callee, pair.caller]
    const answers = (call: Call) =>
      call.log.steps('description-applied').filter(({ type }) => type === 'answer')
    const parity = side === 'caller' ? 1 : 0

    const before = answers(own).length
    const video = await own.peer.addTrack('video')
    await own.peer.addTrack('audio')
    await moreFrames(other, { audio: 20, video: 3 })

    const added = answers(own).length
    expect(added).toBeGreaterThan(before)
    await own.peer.removeTrack(video)
    await own.until((call) => answers(call).length === added + 1, 'the answer to the removal')
    const directions = await other.peer.transceivers()
    expect(directions.find(({ kind }) => kind === 'video')?.currentDirection).toBe('inactive')
    await moreFrames(other, { audio: 10 })

    await own.peer.setDirection({ kind: 'audio' }, 'inactive')
    await own.until((call) => answers(call).length === added + 2, 'the answer to the direction')
    await own.peer.setDirection({ kind: 'audio' }, 'sendonly')
    await moreFrames(other, { audio: 10 })

    const numbers = answers(own).map(({ negotiation }) => negotiation)
    expect(numbers.every((number) => number % 2 === parity)).toBe(true)
    expect(numbers).toEqual([...new Set(numbers)].sort((one, two) => one - two))
    expect([own.errors, other.errors]).toEqual([[], []])
    await room[Symbol.asyncDispose]()
  })

  it.each(['caller', 'callee'] as const)('restarts ICE from the side of the %s', async (side) => {
    const room = openRoom(pool)
    const { caller, callee } = await connectPair(room)
    await bothConnected(caller, callee)
    const fragments = async () => {
      const stats = await Promise.all([caller.peer.getStats(), callee.peer.getStats()])
      return stats.map(({ localUsernameFragments }) => localUsernameFragments[0])
    }
    const before = await fragments()
    const portOf = async () => (await alivePair(caller)).selectedPair?.local.port
    const port = await portOf()
    const own = side === 'caller' ? caller : callee
    const applied = own.log.steps('description-applied').length
    await own.peer.restartIce()
    await own.until(
      ({ log }) => log.steps('description-applied').length === applied + 1,
      'the answer to the restart',
    )
    const after = await fragments()
    expect(after[0]).not.toBe(before[0])
    expect(after[1]).not.toBe(before[1])
    await statsUntil(
      caller.peer,
      ({ selectedPair }) => selectedPair !== undefined && selectedPair.local.port !== port,
    )
    await Promise.all([alivePair(caller), alivePair(callee)])
    for (const call of [caller, callee]) {
      expect(call.peer.connectionState).toBe('connected')
      expect(call.errors).toEqual([])
    }
    await room[Symbol.asyncDispose]()
  })

  it('carries a large description', async () => {
    const room = openRoom(pool)
    const { caller, callee } = await connectPair(room, {
      setup: async (peer) => {
        await peer.createDataChannel('data')
        await peer.addTransceivers(12)
      },
    })
    await bothConnected(caller, callee)
    const [first] = room.relay.sent
    expect(first?.message.type === 'offer' && first.message.sdp.length).toBeGreaterThan(25_000)
    await room[Symbol.asyncDispose]()
  })

  it('hangs up, ignores what still comes of the call, and can call again', async () => {
    const room = openRoom(pool)
    const { caller, callee } = await connectPair(room)
    await bothConnected(caller, callee)
    await caller.hangup()
    expect(await callee.ended).toMatchObject({ reason: 'normal', by: 'remote' })
    const stray: string[] = []
    room.endpoint(bob).on('stray', ({ type }) => stray.push(type))
    for (const { from, message } of room.relay.sent) {
      if (from === alice) room.endpoint(bob).receive({ ...message, from })
    }
    expect(new Set(stray)).toEqual(new Set(['offer', 'candidate', 'hangup']))
    expect(room.endpoint(bob).calls).toEqual([])
    const again = await connectPair(room)
    expect(again.caller.place.id).not.toBe(caller.place.id)
    await bothConnected(again.caller, again.callee)
    await again.caller.echo('again')
    await room[Symbol.asyncDispose]()
  })

  it('ends the calls with a peer that left', async () => {
    const room = openRoom(pool)
    const { caller, callee } = await connectPair(room)
    await bothConnected(caller, callee)
    room.endpoint(bob).peerLeft(alice, 'lost')
    expect(await callee.ended).toEqual({ reason: 'lost', by: 'remote' })
    await room[Symbol.asyncDispose]()
  })

  it('blames signaling for a description that cannot be used', async () => {
    const room = openRoom(pool)
    room.relay.hold(alice, bob)
    const caller = await room.endpoint(alice).call(bob)
    await caller.until(({ described }) => described, 'the offer')
    const [sent] = room.relay.sent
    if (sent?.message.type !== 'offer') throw new Error('The first message is the offer')
    const garbled = { ...sent.message, sdp: sent.message.sdp.slice(0, 40), from: alice }
    room.endpoint(bob).receive(garbled)
    const callee = await room.take(bob, caller)
    await expect(callee.connected()).rejects.toThrow(SignalingError)
    expect(await callee.ended).toEqual({ reason: 'incompatible', by: 'local' })
    expect(await caller.ended).toEqual({ reason: 'incompatible', by: 'remote' })
    await room[Symbol.asyncDispose]()
  })

  it('blames signaling for an answer that comes twice', async () => {
    const room = openRoom(pool)
    const { caller, callee } = await connectPair(room)
    await bothConnected(caller, callee)
    const answer = room.relay.sent.find(({ message }) => message.type === 'answer')
    if (!answer) throw new Error('There is an answer')
    room.endpoint(alice).receive({ ...answer.message, from: bob })
    await expect(caller.connected()).rejects.toThrow('Answer 1 answers nothing')
    await room[Symbol.asyncDispose]()
  })
})
