import { randomBytes } from 'node:crypto'
import { createPeers } from '@parley/conformance'
import { expect, test } from 'vitest'
import { connectParty, media, type CallParty } from './call-party.ts'
import { startReferenceServer } from './running-server.ts'
import { selfTestTokens } from './self-test-token.ts'

const [ann = '', bob = ''] = selfTestTokens.map(({ token }) => token)

test('a user is rung on two devices; media flows with the one that answers, a second call goes beside, either side hangs up', async () => {
  await using server = await startReferenceServer()
  await using peers = createPeers('wrtc')
  expect(peers.unavailable).toBeUndefined()
  let drawn = ''
  const draw = () => drawn
  await using caller = await connectParty(server.url, ann, peers, draw)
  await using phone = await connectParty(server.url, bob, peers, draw)
  await using laptop = await connectParty(server.url, bob, peers, draw)

  /** Rings the user on both devices, has one of them answer, and negotiates. */
  const connect = async (
    from: CallParty,
    callee: object,
    answers: CallParty,
    others: readonly CallParty[],
  ) => {
    drawn = randomBytes(16).toString('hex')
    const call = drawn
    from.say({ type: 'invite', call, callee })
    for (const device of [answers, ...others])
      expect(await device.next('invite')).toMatchObject({ call, caller: { peer: from.peer } })
    answers.say({ type: 'ringing', call })
    expect(await from.next('ringing')).toEqual({ type: 'ringing', call })
    answers.say({ type: 'accept', call })
    const { callee: taken } = (await from.next('accept')) as { callee?: { peer: string } }
    expect(taken?.peer).toBe(answers.peer)
    for (const device of others)
      expect(await device.next('cancel')).toMatchObject({ reason: 'answered-elsewhere' })
    const there = await from.calls.call(answers.peer, media)
    const here = await answers.calls.nextCall(({ place }) => place.id === call)
    await Promise.all([there.connected(), here.connected()])
    await there.echo('from the caller')
    for (const side of [there, here]) {
      const { audio, video } = side.peer.frames
      const flows = () => side.peer.frames.audio > audio + 5 && side.peer.frames.video > video + 2
      await side.until(flows, 'audio and video from the other side')
      expect(side.errors).toEqual([])
    }
    return { there, here }
  }

  const first = await connect(caller, { user: 'bob' }, laptop, [phone])
  const second = await connect(phone, { peer: caller.peer }, caller, [])
  await first.there.echo('while the second call is up')

  await second.here.hangup() // the callee of the second
  expect(await second.there.ended).toMatchObject({ reason: 'normal', by: 'remote' })
  await first.there.echo('after the second call')
  await first.there.hangup() // the caller of the first
  expect(await first.here.ended).toMatchObject({ reason: 'normal', by: 'remote' })

  const third = await connect(caller, { user: 'bob' }, phone, [laptop])
  await third.there.echo('a call after all these')
  expect(third.here.end).toBeUndefined()
}, 120_000)
