import {
  capabilityOf,
  errorCodeOf,
  errorCodes,
  isCustomType,
  isTurnServer,
  type CapabilityName,
  type IceServer,
} from '@parley/schemas'
import { noMessage } from '../endpoint/frame-fault.ts'
import { beyondInternetJson } from '../endpoint/json-text.ts'
import { isOfConnection, withoutNumbers } from '../endpoint/numbers.ts'
import { stringOf, type Wire } from '../endpoint/wire.ts'
import { createCallObserver } from './call-observer.ts'
import { createRoomObserver } from './room-observer.ts'
import { isRelayed } from './relayed.ts'
import type { RunObservation } from './run-observation.ts'
import { createSequenceObserver, type SequenceObserver } from './sequence-observer.ts'
import type { Asked, SessionView } from './session-view.ts'
import { createTimerObserver } from './timer-observer.ts'
import type { Report } from './violation.ts'
import { apart, clip } from './clip.ts'
import { indefinite } from './indefinite.ts'

export { clip } from './clip.ts'

/** Messages that may be refused singly for their rate, each with what it belongs to. */
const refusedSingly: ReadonlyMap<string, CapabilityName | 'Core'> = new Map([
  ['join', 'Core'],
  ['auth', 'Core'],
  ['invite', 'calls'],
  ['find', 'discovery'],
])

/** Part of the life of credentials after which further ones are new ones, and not a second answer. */
const renewalShare = 0.25

/** Watches one endpoint's frames in both directions for what no check has to ask about. */
export interface FrameObserver {
  /** A frame of the kit; `undefined` when it is no JSON object. */
  sent(text: string, message: Wire | undefined): void
  /** A frame of the server; `undefined` when it is no JSON object. */
  received(text: string, message: Wire | undefined): void
  /** Something that is no text frame. */
  foreign(description: string): void
  /** A frame that is not a single JSON object, of which the kit could make something; what it holds is told to `received`. */
  faulty(fault: string): void
  /** The end of the connection by the server, with the close code where there is one. */
  ended(code: number | undefined): void
}

/**
 * Makes the observer of one endpoint.
 *
 * @param report - Called for each violation.
 */
export function createFrameObserver(run: RunObservation, report: Report): FrameObserver {
  run.connections += 1
  const connection = run.connections
  const { watch, judge } = run
  let view: SessionView = {
    rooms: createRoomObserver(run, report),
    calls: createCallObserver(run, report),
    asked: new Map(),
    progress: { said: 0, heard: 0 },
  }
  /** What is about this connection alone, where it may have another session. */
  const askedHere = new Map<string, Asked>()
  /** Where `resume` is in force. */
  let sequence: SequenceObserver | undefined
  let resuming: Wire = {}
  const timers = createTimerObserver(watch, report)
  let hello: Wire = {}
  let fatal: string | undefined
  /** Capabilities that both `hello` and `welcome` have named. */
  let inForce: ReadonlySet<string> = new Set()
  /** Ids of messages whose number was not the next one. */
  const outOfTurn = new Set<string>()
  /** Bytes of the longest message that the server has said it takes. */
  let messageBytes = Infinity

  return {
    sent: (text, message) => {
      forgetTokensIn(text, message)
      if (!message) return
      if (message['type'] === 'resume') resuming = message
      timers.sent(stringOf(message, 'type') ?? '', message)
      // A frame that is refused unread takes no number: seq.taken.
      const isUnread = sequence !== undefined && Buffer.byteLength(text) > messageBytes
      if (!isUnread && sequence?.sent(message) === false) {
        const id = stringOf(message, 'id')
        if (id !== undefined) outOfTurn.add(id)
        return
      }
      view.rooms.sent(sequence ? withoutNumbers(message) : message)
      view.calls.sent(message)
      if (message['type'] === 'hello' && !('type' in hello)) hello = message
      const id = stringOf(message, 'id')
      if (id === undefined) return
      const asked = isOfConnection(message) ? askedHere : view.asked
      const known = asked.get(id)
      if (known) known.times += 1
      else asked.set(id, { message: isUnread ? withoutNumbers(message) : message, times: 1, answered: 0 })
    },
    foreign: (description) => {
      report('websocket.text', 'each message as one text message', `the server sent ${description}`)
    },
    faulty: (fault) => {
      report('frames.object', 'a single JSON object in every frame', `the server sent ${fault}`)
    },
    ended: (code) => {
      // The error before it has been told already.
      if (fatal === undefined && code !== undefined)
        timers.fired(errorCodeOf(code) ?? '', `the close code ${String(code)}, without an error`)
    },
    received: (text, whole) => {
      watch.look('websocket.text')
      watch.look('frames.object')
      const type = whole ? stringOf(whole, 'type') : undefined
      if (!whole || type === undefined) {
        report(
          'frames.object',
          'a JSON object with a string type',
          `the server sent ${noMessage(text, whole)}`,
        )
        return
      }
      // What is relayed may be the sender's doing: relay.duplicate-names, relay.beyond-i-json.
      const fault = isRelayed(type) || isCustomType(type) ? undefined : beyondInternetJson(text, whole)
      if (fault !== undefined)
        report('frames.object', 'I-JSON in every frame', `${indefinite(type)} came with ${fault}`)
      watchFatal(type)
      watchSecrets(text)
      if (type === 'resumed') takeOver()
      const isNew = sequence?.received(whole, askedBy(whole)?.message) ?? true
      if (!isNew) return
      const message = sequence || watchHop(type, whole) ? withoutNumbers(whole) : whole
      timers.received(type, message)
      if (watchShape(type, message)) {
        if (type === 'welcome') watchWelcome(message)
        if (type === 'error') watchError(message)
        if (type === 'ice-servers') hideCredentials(message)
        view.rooms.received(message)
        view.calls.received(message)
      } else if (type === 'welcome') {
        // Whatever else is wrong with it: who this peer is has to be known to judge what it gets.
        view.rooms.received(message)
        view.calls.received(message)
      }
      watchOutcome(message)
    },
  }

  /** A token that the kit itself has sent as something else (a poor one, such as `aaaaaaaa`) cannot be watched for. */
  function forgetTokensIn(text: string, message: Wire | undefined): void {
    if (message?.['type'] === 'auth') return
    for (const token of run.tokens.tokensIn(text)) run.tokens.forget(token)
  }

  function watchFatal(type: string): void {
    if (fatal === undefined) return
    report(
      'errors.fatal-ends',
      'nothing after a fatal error',
      `${indefinite(type)} came after the fatal ${fatal}`,
    )
  }

  /** Whether a message has numbers that are about the connection of another peer: there is no session here, and there are some elsewhere. */
  function watchHop(type: string, message: Wire): boolean {
    if (run.sessions.size === 0 || isOfConnection(message)) return false
    watch.look('seq.hop')
    const carried = (['seq', 'ack'] as const).find((name) => name in message)
    if (carried === undefined) return false
    report(
      'seq.hop',
      'no seq or ack where resume is not in force',
      `${indefinite(type)} came with ${carried} ${clip(JSON.stringify(message[carried]))}`,
    )
    return true
  }

  function watchShape(type: string, message: Wire): boolean {
    if (isRelayed(type)) watch.look('relay.from')
    watch.look('capabilities.core-only')
    const capability = capabilityOf(type)
    if (!judge.knowsServerType(type) || (capability !== undefined && !inForce.has(capability))) {
      const expected = 'only messages of Core and of capabilities in force'
      report(
        'capabilities.core-only',
        expected,
        `the server sent a message of type ${clip(JSON.stringify(type))}`,
      )
      return false
    }
    watch.look('frames.shape')
    const invalid = (inForce.has('calls') ? judge.inCalls : judge).server(message)
    if (invalid === undefined) return true
    if (isRelayed(type) && !('from' in message)) {
      report('relay.from', 'the sender in from', `${indefinite(type)} was delivered without from`)
    } else {
      report('frames.shape', `${indefinite(type)} that its schema accepts`, invalid)
    }
    return false
  }

  function watchWelcome(message: Wire): void {
    const peer = stringOf(message, 'peer') ?? ''
    const session = stringOf(message, 'session') ?? ''
    const limit = (message['limits'] as Wire | undefined)?.['messageBytes']
    if (typeof limit === 'number') messageBytes = limit
    watch.look('connection.peer-id')
    watch.look('connection.session-secret')
    if (run.peers.has(peer)) {
      report(
        'connection.peer-id',
        'a peer id that no other connection has or had',
        `${peer} was given out twice`,
      )
    }
    run.peers.add(peer)
    if (session === peer || run.secrets.ownerOf(session) !== undefined) {
      report('connection.session-secret', 'a session secret of its own', 'a secret was given out twice')
    }
    run.secrets.add(session, connection)
    watch.look('capabilities.only-named')
    const asked = Object.keys(hello['capabilities'] ?? {})
    const named = Object.keys(message['capabilities'] ?? {})
    inForce = new Set(named.filter((name) => asked.includes(name)))
    if (inForce.has('resume')) {
      sequence = createSequenceObserver(watch, report, view.progress, undefined)
      run.sessions.set(session, view)
    }
    const extra = named.filter((name) => !asked.includes(name))
    if (extra.length > 0) {
      const actual = `welcome names ${extra.join(', ')}`
      report(
        'capabilities.only-named',
        `only capabilities that hello named (${asked.join(', ') || 'none'})`,
        actual,
      )
    }
  }

  /** From here on this is the connection of an earlier session. */
  function takeOver(): void {
    const earlier = run.sessions.get(stringOf(resuming, 'session') ?? '')
    if (earlier === undefined) return
    view = earlier
    sequence = createSequenceObserver(watch, report, earlier.progress, Number(resuming['ack']))
  }

  function askedBy(message: Wire): Asked | undefined {
    const ref = stringOf(message, 'ref')
    return ref === undefined ? undefined : (view.asked.get(ref) ?? askedHere.get(ref))
  }

  function hideCredentials(message: Wire): void {
    for (const server of message['iceServers'] as readonly IceServer[])
      if (isTurnServer(server)) run.hide(server.credential, 'TURN credential')
  }

  function watchError(message: Wire): void {
    const code = stringOf(message, 'code') ?? ''
    const isFatal = message['fatal'] === true
    timers.fired(code, `the error ${code}`)
    const known = Object.entries(errorCodes).find(([name]) => name === code)?.[1]
    watch.look('errors.fatal-flag')
    if (known && (isFatal ? known.fatal === 'never' : known.fatal === 'always')) {
      report(
        'errors.fatal-flag',
        `${code} with fatal ${String(!isFatal)}`,
        `it came with fatal ${String(isFatal)}`,
      )
    }
    watch.look('delivery.rate-single')
    if (code === 'rate-limited' && !isFatal) {
      const of = stringOf(message, 'of')
      const owner = of === undefined ? 'Core' : refusedSingly.get(of)
      const mayBe = owner === 'Core' || (owner !== undefined && inForce.has(owner))
      if (!mayBe || !('retryAfterMs' in message)) {
        const actual = `it came for ${of ?? 'an unnamed type'}${'retryAfterMs' in message ? '' : ' without retryAfterMs'}`
        report(
          'delivery.rate-single',
          'single rate-limited only for join and auth, with retryAfterMs',
          actual,
        )
      }
    }
    if (!isFatal) return
    watch.look('errors.fatal-ends')
    fatal = code
  }

  function watchOutcome(message: Wire): void {
    const ref = message['ref']
    if (typeof ref !== 'string') return
    watch.look('outcomes.exactly-one')
    watch.look('outcomes.no-ref')
    const origin = askedBy(message)
    const type = String(message['type'])
    // It answers an id, though perhaps of a message that has no outcome: seq.seen.
    if (!origin && outOfTurn.has(ref)) return
    if (!origin) {
      report(
        'outcomes.no-ref',
        'no ref on what answers no id',
        `${indefinite(type)} came with the ref ${clip(JSON.stringify(ref))}`,
      )
      return
    }
    const sinceMs = performance.now() - (origin.answeredAt ?? Infinity)
    if (type === 'ice-servers' && sinceMs > renewalShare * Number(message['expiresInMs'])) {
      report(
        'outcomes.no-ref',
        'no ref on what answers no id',
        `${indefinite(type)} came unasked with the ref ${clip(JSON.stringify(ref))} of a question that had been answered`,
      )
      return
    }
    origin.answered += 1
    origin.answeredAt = performance.now()
    if (origin.answered > origin.times) {
      report('outcomes.exactly-one', `one outcome of the id "${ref}"`, `a further one came: ${type}`)
    }
    if (type === 'error' && origin.times === 1) watchContext(message, origin.message)
  }

  function watchContext(error: Wire, failed: Wire): void {
    watch.look('errors.context-equal')
    for (const [member, of] of [
      ['of', 'type'],
      ['to', 'to'],
      ['call', 'call'],
      ['room', 'room'],
    ] as const) {
      if (!(member in error) || error[member] === failed[of]) continue
      const [expected, actual] = apart(failed[of], error[member])
      report(
        'errors.context-equal',
        `${member} as the failed message had it, ${expected}`,
        `${member} is ${actual}`,
      )
    }
  }

  function watchSecrets(text: string): void {
    watch.look('connection.secret-kept')
    for (const secret of run.secrets.secretsIn(text)) {
      if (run.secrets.ownerOf(secret) === connection) continue
      report('connection.secret-kept', "no other client's session secret", 'a frame carried one')
    }
    if (run.tokens.isEmpty) return
    watch.look('auth.not-echoed')
    const [token] = run.tokens.tokensIn(text)
    if (token === undefined) return
    const what = run.tokens.isPart(token) ? 'the claims, or the signature, of one' : 'one'
    report('auth.not-echoed', 'no token in what the server sends', `a frame carried ${what}`)
  }
}
