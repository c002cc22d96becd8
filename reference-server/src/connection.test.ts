import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { TestClock, type Received } from './client.test.support.ts'
import { MemoryCallRegistry } from './calls/memory-registry.ts'
import { Connection } from './connection.ts'
import type { Directory } from './directory.ts'
import { CursorSeal } from './discovery/cursor.ts'
import { FindRate } from './discovery/find-rate.ts'
import { MemoryPresenceRegistry } from './discovery/memory-registry.ts'
import { Draining } from './draining.ts'
import type { Frame } from './frame.ts'
import { defaultHandlers } from './handlers/index.ts'
import { silentJournal } from './journal.ts'
import { MemoryDirectory } from './memory-directory.ts'
import { AddressLimits } from './address/address-limits.ts'
import { MemoryRouter } from './memory-router.ts'
import { defaultOptions, type Options } from './option.ts'
import { Sessions } from './resume/registry.ts'
import type { Router } from './router.ts'
import type { Engine } from './handler.ts'
import type { Transport } from './transport.ts'

class TestTransport implements Transport {
  readonly address = ''
  readonly sent: Received[] = []
  closedWith: number | undefined
  paused = false
  pings = 0
  handedOver = false
  bufferedBytes = 0
  receivedBytes = 0
  send(frame: Frame): void {
    this.sent.push(JSON.parse(frame.toString()) as Received)
  }
  flush(): void {
    // Nothing waits: each text is noted at once.
  }
  ping(): void {
    this.pings += 1
  }
  pause(): void {
    this.paused = true
  }
  resume(): void {
    this.paused = false
  }
  handTo(): void {
    this.handedOver = true
  }
  close(code: number): void {
    this.closedWith = code
  }
}

let clock: TestClock
beforeEach(() => {
  clock = new TestClock()
})

function makeEngine(overrides: Partial<Engine> & { options?: Options } = {}): Engine {
  return {
    options: defaultOptions,
    directory: new MemoryDirectory(overrides.options ?? defaultOptions),
    router: new MemoryRouter(),
    handlers: defaultHandlers,
    clock,
    random: randomBytes,
    journal: silentJournal,
    draining: new Draining(clock, defaultOptions),
    calls: new MemoryCallRegistry(defaultOptions, clock),
    presence: new MemoryPresenceRegistry(defaultOptions),
    cursors: new CursorSeal(randomBytes),
    findRate: new FindRate(defaultOptions.findsPerSecond),
    sessions: new Sessions(clock, defaultOptions),
    addresses: new AddressLimits(defaultOptions),
    ...overrides,
  }
}

function connect(engine: Engine) {
  const transport = new TestTransport()
  const connection = new Connection(transport, engine)
  const say = (message: object) => {
    const frame = Buffer.from(JSON.stringify(message))
    transport.receivedBytes += frame.length
    connection.receive(frame)
  }
  say({ type: 'hello', versions: [1] })
  return { transport, connection, say }
}

/** Settles after all answers of ports that are on their way. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) await Promise.resolve()
}

const candidate = (to: string, negotiation: number) => ({
  type: 'candidate',
  to,
  room: 'r',
  call: '0'.repeat(32),
  negotiation,
  candidate: { candidate: '', usernameFragment: 'abcd' },
})

/** Ports that answer later, as they would over a network. */
function distant<T extends object>(port: T): T {
  return new Proxy(port, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as (...words: unknown[]) => unknown
      return async (...words: unknown[]) => {
        await Promise.resolve()
        await Promise.resolve()
        return method.apply(target, words)
      }
    },
  })
}

describe('Connection, with ports that take their time', () => {
  const far = () =>
    makeEngine({
      directory: distant<Directory>(new MemoryDirectory(defaultOptions)),
      router: distant<Router>(new MemoryRouter()),
    })

  test('handles one message after the other, in the order of arrival', async () => {
    const engine = far()
    const one = connect(engine)
    const other = connect(engine)
    one.say({ type: 'join', room: 'r', id: '1' })
    await settle()
    other.say({ type: 'join', room: 'r' })
    await settle()
    for (let number = 1; number <= 20; number += 1)
      one.say({ ...candidate(other.connection.peer, number), id: `c${number}` })
    one.say({ type: 'leave', room: 'r' })
    await settle()
    await settle()
    expect(one.transport.sent.map(({ type }) => type).slice(0, 3)).toEqual([
      'welcome',
      'joined',
      'peer-joined',
    ])
    expect(one.transport.sent.filter(({ type }) => type === 'ok').map(({ ref }) => ref)).toEqual(
      Array.from({ length: 20 }, (_, index) => `c${index + 1}`),
    )
    expect(other.transport.sent.map(({ negotiation, type }) => negotiation ?? type)).toEqual([
      'welcome',
      'joined',
      ...Array.from({ length: 20 }, (_, index) => index + 1),
      'peer-left',
    ])
  })

  test('stops reading while too much waits, and goes on afterwards', async () => {
    const { transport, say } = connect(far())
    for (let count = 0; count < 40; count += 1) say({ type: 'ping' })
    expect(transport.paused).toBe(true)
    await settle()
    expect(transport.paused).toBe(false)
    expect(transport.sent.filter(({ type }) => type === 'pong')).toHaveLength(40)
  })

  test('lets what came before a loss take effect, and leaves nothing behind', async () => {
    const engine = far()
    const witness = connect(engine)
    witness.say({ type: 'join', room: 'r' })
    await settle()
    const { say, connection } = connect(engine)
    say({ type: 'join', room: 'r' })
    say({ type: 'update', room: 'r', data: 1 })
    connection.lose()
    await settle()
    expect(witness.transport.sent.map(({ type }) => type)).toEqual([
      'welcome',
      'joined',
      'peer-joined',
      'peer-updated',
      'peer-left',
    ])
    witness.connection.lose()
    await settle()
    expect(await engine.directory.countRooms()).toBe(0)
  })

  test('acts on nothing that waited behind bye', async () => {
    let joins = 0
    const handlers = {
      ...defaultHandlers,
      ping: () => Promise.resolve(),
      join: () => {
        joins += 1
      },
    }
    const { transport, say } = connect(makeEngine({ handlers }))
    say({ type: 'ping' })
    say({ type: 'bye' })
    say({ type: 'join', room: 'r' })
    await settle()
    expect(transport.closedWith).toBe(1000)
    expect(joins).toBe(0)
  })

  test('ends at the third failure of an authenticator that takes its time', async () => {
    const engine = { ...far(), authenticator: () => Promise.resolve(undefined) }
    const { transport, say, connection } = connect(engine)
    for (const token of ['a', 'b', 'c', 'd']) say({ type: 'auth', method: 'token', token })
    await settle()
    expect(transport.sent.map(({ type, code, fatal }) => [code ?? type, fatal])).toEqual([
      ['welcome', undefined],
      ['auth-failed', false],
      ['auth-failed', false],
      ['auth-failed', true],
    ])
    expect(await engine.directory.peerOf(connection.session)).toBe(undefined)
  })

  test('tells the rooms of a replaced peer before it says welcome', async () => {
    const engine = far()
    const witness = connect(engine)
    witness.say({ type: 'join', room: 'r' })
    await settle()
    const old = connect(engine)
    old.say({ type: 'join', room: 'r' })
    await settle()
    old.say({ type: 'update', room: 'r', data: 1 }) // is under way when the replacement comes
    const transport = new TestTransport()
    let toldAtWelcome: unknown
    transport.send = (frame) => {
      transport.sent.push(JSON.parse(frame.toString()) as Received)
      toldAtWelcome = witness.transport.sent.at(-1)
    }
    const next = new Connection(transport, engine)
    next.receive(
      Buffer.from(JSON.stringify({ type: 'hello', versions: [1], replaces: old.connection.session })),
    )
    await settle()
    expect(transport.sent[0]).toMatchObject({ type: 'welcome' })
    expect(toldAtWelcome).toMatchObject({ type: 'peer-left', reason: 'replaced', peer: old.connection.peer })
    expect(old.transport.sent.at(-1)).toMatchObject({ code: 'replaced', fatal: true })
    expect(old.transport.closedWith).toBe(4409)
  })
})

describe('Connection', () => {
  test.each(['at once', 'later'])('ends alone with internal when a handler fails %s', async (when) => {
    const failure = new Error('broken')
    const ping = () => {
      if (when === 'at once') throw failure
      return Promise.reject(failure)
    }
    const logged: object[] = []
    const broke = (peer: string, cause: unknown) => void logged.push({ peer, cause })
    const journal = { ...silentJournal, broke }
    const engine = makeEngine({ handlers: { ...defaultHandlers, ping }, journal })
    const [broken, other] = [connect(engine), connect(engine)]
    broken.say({ type: 'ping', id: '1' })
    await settle()
    broken.say({ type: 'bye' })
    expect(broken.transport.sent.at(-1)).toMatchObject({ type: 'error', code: 'internal', fatal: true })
    expect(broken.transport.closedWith).toBe(4450)
    expect(logged).toEqual([{ cause: failure, peer: broken.connection.peer }])
    other.say({ type: 'join', room: 'r' })
    expect(other.transport.sent.at(-1)).toMatchObject({ type: 'joined' })
  })

  test('stops reading for the rate and refuses nothing', () => {
    const { transport, say } = connect(
      makeEngine({ options: { ...defaultOptions, ratePerSecond: 100, rateBurst: 100 } }),
    )
    for (let count = 0; count < 109; count += 1) say({ type: 'ping' })
    expect(transport.paused).toBe(true)
    expect(transport.sent.filter(({ type }) => type === 'pong')).toHaveLength(109)
    clock.advance(9)
    expect(transport.paused).toBe(true)
    clock.advance(1)
    expect(transport.paused).toBe(false)
  })

  test('never stops reading for longer than two seconds, so that an end is noticed', () => {
    const { transport, say } = connect(
      makeEngine({ options: { ...defaultOptions, ratePerSecond: 1, rateBurst: 100 } }),
    )
    for (let count = 0; count < 1000; count += 1) say({ type: 'ping' })
    clock.advance(2000)
    expect(transport.paused).toBe(false)
  })

  test('ends one that does not read, and tells the others in the order of their revisions', async () => {
    const engine = makeEngine()
    const [watcher, slow, leaver] = [connect(engine), connect(engine), connect(engine)]
    for (const { say } of [slow, leaver, watcher]) say({ type: 'join', room: 'r' })
    slow.transport.bufferedBytes = defaultOptions.bufferedBytes + 1
    leaver.say({ type: 'bye' }) // the slow one is told first, and ends on it
    await settle()
    expect(slow.transport.sent.at(-1)).toMatchObject({ code: 'too-slow', fatal: true })
    expect(slow.transport.closedWith).toBe(4443)
    const left = watcher.transport.sent.filter(({ type }) => type === 'peer-left')
    expect(left.map(({ peer, revision, reason }) => [peer, revision, reason])).toEqual([
      [leaver.connection.peer, 2, 'bye'],
      [slow.connection.peer, 3, 'lost'],
    ])
  })

  test('pings a silent one, and takes any bytes for a sign of life', () => {
    const { transport, connection } = connect(makeEngine())
    const pass = (seconds: number) => {
      clock.advance(seconds * 1000)
      connection.sweep(clock.now())
    }
    pass(0)
    pass(25)
    expect(transport.pings).toBe(1)
    transport.receivedBytes += 6
    pass(35)
    pass(59)
    expect(transport.closedWith).toBe(undefined)
    pass(1)
    expect(transport.sent.at(-1)).toMatchObject({ code: 'idle-timeout', fatal: true })
    expect(transport.closedWith).toBe(4442)
  })

  test('acts on nothing after the authentication has ended', () => {
    const authenticator = () => ({ user: 'u', expiresInMs: 1000 })
    const { transport, say } = connect(makeEngine({ authenticator }))
    say({ type: 'auth', method: 'token', token: 't' })
    clock.advance(1000)
    say({ type: 'join', room: 'r' })
    expect(transport.sent.map(({ type, code }) => code ?? type)).toEqual([
      'welcome',
      'authenticated',
      'token-expired',
    ])
  })

  test('draws ids of 24 characters from the random source, each once', () => {
    const ids = Array.from({ length: 500 }, () => connect(makeEngine()).connection).flatMap(
      ({ peer, session }) => [peer, session],
    )
    expect(new Set(ids).size).toBe(1000)
    for (const id of ids) expect(id).toMatch(/^[\w-]{24}$/)
  })
})
