import { readdirSync, readFileSync } from 'node:fs'
import { constraintBrokenBy, constraintsOfMessage, publishedForms, type MessageForm } from '@parley/schemas'
import { expect, test } from 'vitest'
import { schemaJudge } from '../endpoint/schema-judge.ts'
import { parseWire, type Wire } from '../endpoint/wire.ts'
import { createFrameObserver, type FrameObserver } from './frame-observer.ts'
import { CallLedger } from './call-ledger.ts'
import { RelayLedger } from './relay-ledger.ts'
import { RoomLedger } from './room-ledger.ts'
import type { RunObservation } from './run-observation.ts'
import { SecretIndex } from './secret-index.ts'
import { TokenIndex } from './token-index.ts'
import { Watch, type Report } from './violation.ts'

interface Fixture {
  readonly form: MessageForm
  readonly message: unknown
}

const folder = new URL('../../../schemas/fixtures/', import.meta.url)

function fixturesOf(type: string, verdict: 'valid' | 'invalid'): readonly Fixture[] {
  const own = new URL(`${type}/${verdict}/`, folder)
  return readdirSync(own).map((name) => JSON.parse(readFileSync(new URL(name, own), 'utf8')) as Fixture)
}

/** Every form of a message that a client reads, with its fixtures; of a relayed one a sent message with `from` is a delivered one. */
const forms = publishedForms
  .filter(({ direction }) => direction !== 'client')
  .map(({ name: type, type: formOfCore, direction, capability, delivered }) => {
    const form: MessageForm = delivered === undefined ? 'sent' : 'delivered'
    const messagesOf = (verdict: 'valid' | 'invalid') =>
      fixturesOf(type, verdict).flatMap((fixture): readonly unknown[] => {
        const { message } = fixture
        if (fixture.form === form) return [message]
        if (direction !== 'relayed') return []
        const isObject = typeof message === 'object' && message !== null && !Array.isArray(message)
        return isObject && !('from' in message) ? [{ ...message, from: 'Qm5vdGFzZWNyZXQ_a1b2' }] : []
      })
    return {
      type,
      form,
      capability,
      ofCore: formOfCore !== type,
      valid: messagesOf('valid'),
      invalid: messagesOf('invalid'),
    }
  })

/** Credentials that the observers have told of. */
const hidden: string[] = []

/** The observer of a connection of a new run. */
function observe(report: Report, sessions: RunObservation['sessions'] = new Map()): FrameObserver {
  const run: RunObservation = {
    watch: new Watch(),
    judge: schemaJudge,
    secrets: new SecretIndex(),
    peers: new Set(),
    tokens: new TokenIndex(),
    hide: (secret) => hidden.push(secret),
    roomLedger: new RoomLedger(),
    relayLedger: new RelayLedger(),
    callLedger: new CallLedger(),
    sessions,
    connections: 0,
  }
  return createFrameObserver(run, report)
}

/** What the watch over all frames says of one frame of the server, after one of the kit. */
function told(text: string, sent?: Wire): readonly string[] {
  const words: string[] = []
  const observer = observe((_requirement, _expected, actual) => {
    words.push(actual)
  })
  if (sent) observer.sent(JSON.stringify(sent), sent)
  observer.received(text, parseWire(text))
  return words
}

/** Requirements that the watch over all frames finds broken by one frame of the server, on a connection with a capability in force. */
function found(message: unknown, inForce?: string): readonly string[] {
  const broken: string[] = []
  const observer = observe((requirement) => {
    broken.push(requirement)
  })
  if (inForce !== undefined) {
    const capabilities = { [inForce]: {} }
    const hello: Wire = { type: 'hello', versions: [1], capabilities }
    const [welcome] = forms.find(({ type }) => type === 'welcome')?.valid ?? []
    observer.sent(JSON.stringify(hello), hello)
    // With what the parameters of any capability need.
    const answer: Wire = {
      ...(welcome as Wire),
      capabilities: {
        [inForce]: {
          ringSeconds: 60,
          callsPerPeer: 8,
          watches: 50,
          windowSeconds: 30,
          bufferBytes: 1_048_576,
        },
      },
    }
    observer.received(JSON.stringify(answer), answer)
  }
  const isObject = typeof message === 'object' && message !== null && !Array.isArray(message)
  observer.received(JSON.stringify(message), isObject ? (message as Wire) : undefined)
  return broken
}

/** What judges the shape of a frame: its schema, and before that whether it is a message of a known type at all. */
const shapes: ReadonlySet<string> = new Set([
  'frames.shape',
  'frames.object',
  'capabilities.core-only',
  'relay.from',
])

test.each(forms)(
  'createFrameObserver() finds each constraint of $type that a server breaks',
  ({ type, form, capability, invalid }) => {
    const caught = new Set(
      invalid
        .filter((message) => found(message, capability).some((requirement) => shapes.has(requirement)))
        .flatMap((message) => constraintBrokenBy(type, message, form))
        .map(({ id }) => id),
    )
    const missed = constraintsOfMessage(type, form).filter(({ id }) => !caught.has(id))
    expect(missed.map(({ id }) => id)).toEqual([])
  },
)

test.each(forms)(
  'createFrameObserver() finds nothing in the shape of a valid $type',
  ({ capability, valid }) => {
    for (const message of valid)
      expect(found(message, capability).filter((requirement) => shapes.has(requirement))).toEqual([])
  },
)

test.each(forms.filter(({ capability }) => capability !== undefined))(
  'createFrameObserver() takes $type for none of Core',
  ({ ofCore, valid }) => {
    // Negotiation without room has a type of Core.
    const expected = ofCore ? 'frames.shape' : 'capabilities.core-only'
    for (const message of valid) expect(found(message)).toContain(expected)
  },
)

test('credentials for TURN are told, so that no report holds them', () => {
  const server = { urls: ['turn:a'], username: 'u', credential: 'planted-credential' }
  expect(found({ type: 'ice-servers', iceServers: [{ urls: ['stun:a'] }, server] }, 'ice-servers')).toEqual(
    [],
  )
  expect(hidden).toContain('planted-credential')
})

test.each([
  ['join', undefined, true],
  ['find', 'discovery', true],
  ['find', 'calls', false],
  ['invite', 'calls', true],
  ['invite', undefined, false],
  ['update', undefined, false],
] as const)('a %s that is refused for its rate, with %s in force, is right: %s', (of, inForce, isRight) => {
  const refused = { type: 'error', code: 'rate-limited', message: 'later', fatal: false, of, retryAfterMs: 5 }
  expect(found(refused, inForce)).toEqual(isRight ? [] : ['delivery.rate-single'])
})

test('createFrameObserver() says why a frame is no JSON, and shows where', () => {
  const [said] = told(
    `{"ref":"D2","type":"joined","room":"parley-${'6b48'.repeat(9)}","self":{"peer":"Zm9v" "data":1}}`,
  )
  expect(said).toContain('the server sent a text that is no JSON: from character')
  expect(said).toContain('"data":1}}, not a comma or }, after …,"self":{"peer":"Zm9v"')
  expect(told('{"type":7}')).toEqual(['the server sent one with the type 7, {"type":7}'])
})

test('createFrameObserver() shows where the context of an error differs from that of the failed message', () => {
  const failed = { type: `com.example.${'x'.repeat(200)}`, id: 'A1' }
  const error = { type: 'error', ref: 'A1', code: 'unsupported-type', message: 'no', fatal: false }
  const [said] = told(JSON.stringify({ ...error, of: failed.type.slice(0, 128) }), failed)
  expect(said).toContain('(characters 109 to 128 of 128)')
})

test('numbers where there is no session are another one’s, as soon as the run has one', () => {
  const broken: string[] = []
  const sessions = new Map([['secret', {} as never]])
  const text =
    '{"type":"peer-left","room":"r","peer":"p123456789012345678901","reason":"bye","revision":2,"seq":3}'
  for (const known of [new Map<string, never>(), sessions])
    observe((requirement) => broken.push(requirement), known).received(text, parseWire(text))
  expect(broken.filter((each) => each === 'seq.hop' || each === 'frames.shape')).toEqual([
    'frames.shape',
    'seq.hop',
  ])
})

test('servers that come again with a ref are a second answer, or new ones that answer nothing, by how long the first ones last', async () => {
  const broken: string[] = []
  for (const expiresInMs of [1_000_000, 1]) {
    const observer = observe((requirement) => broken.push(requirement))
    const ask: Wire = { type: 'get-ice-servers', id: '1' }
    observer.sent(JSON.stringify(ask), ask)
    const servers: Wire = { type: 'ice-servers', ref: '1', iceServers: [], expiresInMs }
    observer.received(JSON.stringify(servers), servers)
    await new Promise((resolve) => setTimeout(resolve, 5))
    observer.received(JSON.stringify(servers), servers)
  }
  expect(broken.filter((each) => each.startsWith('outcomes.'))).toEqual([
    'outcomes.exactly-one',
    'outcomes.no-ref',
  ])
})
