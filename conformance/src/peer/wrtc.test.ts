import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { hostEnvironment } from './host-protocol.ts'
import { PeerLibraryError } from './peer-library-error.ts'
import { PeerOperationError } from './peer-operation-error.ts'
import { alice, bob, bothConnected, connectPair, openRoom } from './room.test.fixture.ts'
import { statsUntil } from './stats-until.ts'
import { peerAvailability, WrtcPool } from './wrtc.ts'

afterEach(() => {
  for (const name of Object.values(hostEnvironment)) Reflect.deleteProperty(process.env, name)
})

/** Whether a process runs; one that has ended but is not yet collected does not. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !/\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

async function gone(pid: number, signal = AbortSignal.timeout(10_000)): Promise<void> {
  while (runs(pid)) await pause(20, undefined, { signal })
}

describe('WrtcPool', () => {
  it('connects twenty pairs in parallel, and leaves no process behind', async () => {
    const pool = new WrtcPool()
    const rooms = Array.from({ length: 20 }, () => openRoom(pool))
    await Promise.all(
      rooms.map(async (room, index) => {
        const { caller, callee } = await connectPair(room)
        await bothConnected(caller, callee)
        await caller.echo(`pair ${index}`)
        await statsUntil(caller.peer, ({ selectedPair }) => (selectedPair?.bytesReceived ?? 0) > 0)
      }),
    )
    const pids = pool.processIds
    expect(pids).toHaveLength(1)
    await Promise.all(rooms.map((room) => room[Symbol.asyncDispose]()))
    await pool[Symbol.asyncDispose]()
    expect(pids.filter(runs)).toEqual([])
    expect(pool.processIds).toEqual([])
    await expect(pool.openPeer()).rejects.toThrow(PeerLibraryError)
  })

  it('takes a new process after so many peers, and ends the old one with its last peer', async () => {
    const pool = new WrtcPool({ peersPerProcess: 2 })
    const room = openRoom(pool)
    const first = await connectPair(room)
    await bothConnected(first.caller, first.callee)
    const [old] = pool.processIds
    const second = await connectPair(room)
    await bothConnected(second.caller, second.callee)
    expect(pool.processIds).toHaveLength(2)
    await first.caller.hangup()
    await first.callee.ended
    await gone(old ?? 0)
    await second.caller.echo('in the new process')
    await room[Symbol.asyncDispose]()
    await pool[Symbol.asyncDispose]()
  })

  it('fails what is under way when a process crashes, and works afterwards', async () => {
    const pool = new WrtcPool()
    const room = openRoom(pool)
    process.env[hostEnvironment.crashAt] = 'createAnswer'
    const caller = await room.endpoint(alice).call(bob)
    Reflect.deleteProperty(process.env, hostEnvironment.crashAt)
    await expect(caller.connected()).rejects.toThrow(PeerLibraryError)
    await expect(caller.peer.getStats()).rejects.toThrow(PeerLibraryError)
    await room
      .take(bob, caller)
      .then((callee) => expect(callee.connected()).rejects.toThrow(PeerLibraryError))
    const again = await connectPair(room)
    await bothConnected(again.caller, again.callee)
    await again.caller.echo('in a new process')
    await room[Symbol.asyncDispose]()
    await pool[Symbol.asyncDispose]()
  })

  it('rejects an operation that hangs, and takes a new process for the next peer', async () => {
    const pool = new WrtcPool({ operationDeadlineMs: 1_500 })
    process.env[hostEnvironment.hangAt] = 'createOffer'
    const hung = await pool.openPeer()
    Reflect.deleteProperty(process.env, hostEnvironment.hangAt)
    await expect(hung.createOffer()).rejects.toThrow('did not finish createOffer within 1500 ms')
    const next = await pool.openPeer()
    await next.createDataChannel('data')
    expect(await next.createOffer()).toMatchObject({ type: 'offer' })
    await pool[Symbol.asyncDispose]()
    expect(pool.processIds).toEqual([])
  })

  it('rejects what a peer refuses as an operation, with the W3C name', async () => {
    const pool = new WrtcPool()
    const peer = await pool.openPeer()
    const refused = peer.setRemoteDescription({ type: 'answer', sdp: 'v=0\r\n' })
    await expect(refused).rejects.toThrow(PeerOperationError)
    await expect(peer.createAnswer()).rejects.toMatchObject({ errorName: 'InvalidStateError' })
    await peer.close()
    expect(peer.signalingState).toBe('closed')
    await pool[Symbol.asyncDispose]()
  })

  it('leaves no process behind when the parent is killed', async () => {
    const parent = fork(new URL('pool-parent.test.fixture.ts', import.meta.url), {
      execArgv: ['--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const [pids] = (await once(parent, 'message')) as [number[]]
    expect(pids.every(runs)).toBe(true)
    parent.kill('SIGKILL')
    await Promise.all(pids.map((pid) => gone(pid)))
  })
})

describe('peerAvailability()', () => {
  it('names the library', async () => {
    expect(await peerAvailability()).toMatchObject({ available: true, library: 'wrtc' })
  })

  it('gives the reason where there is none', async () => {
    process.env[hostEnvironment.module] = 'no-such-library'
    const availability = await peerAvailability()
    expect(availability).toMatchObject({
      available: false,
      reason: expect.stringContaining('no-such-library') as unknown,
    })
  })
})
