/**
 * A complete Parley Core server, written from the specification alone. See README.md.
 *
 * Ids in square brackets are the requirements of the specification that a line meets. The file reads from
 * the outside in: what a frame is, what shape a message has, then the server itself.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'
import { WebSocketServer } from 'ws'

const SUBPROTOCOL = 'parley.v1'
const VERSION = 1
const MAX_DEPTH = 16 // [frames.nesting] just as deep as a server has to go
const TICK_MS = 50
const LINGER_MS = 2_000 // how long the other side may take to close its half of the transport
const MAX_UNSENT_BYTES = 32 * 1024 * 1024

const DEFAULTS = {
  host: '127.0.0.1',
  port: 0,
  tokens: {}, // {token: {user, grants?, expiresInMs?}}; empty: nobody needs to authenticate
  membersPerRoom: undefined, // announced if set
  messageBytes: 65_536,
  idleSeconds: 120, // [connection.idle-without-ping] this server sends no pings, so never less
  helloTimeoutMs: 30_000, // [connection.hello-wait] 10 s at least, [connection.hello-timeout] 60 s at most
  authTimeoutMs: 30_000, // [auth.wait] 10 s at least
  okDelayMs: 150, // `ok` comes late; [outcomes.in-time] allows 5 s
  presenceMs: 1_000, // how often a room hears a `peer-updated` that says nothing new
}

/** Why a message is not accepted: becomes an `error`. */
class Refusal extends Error {
  constructor(code, message, fatal = false) {
    super(message)
    this.code = code
    this.fatal = fatal
  }
}

const badMessage = (text) => new Refusal('bad-message', text)

// ---------------------------------------------------------------------------------------------------------
// Frames: what is JSON, and what is I-JSON
// ---------------------------------------------------------------------------------------------------------

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The JSON object that a frame holds, or undefined. */
function parseObject(text) {
  try {
    const value = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Strings (a colon makes them names), numbers and brackets of a text that is known to be JSON. */
const TOKENS = /("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|-?\d[\d.eE+-]*|[{}[\]]/g

/**
 * Refuses what parsing and serialising again would change. Relays of this server are serialised anew, so
 * whatever passes here comes out with equal values.
 * [relay.members] [relay.duplicate-names] [relay.beyond-i-json] [frames.nesting]
 */
function checkIJson(text) {
  const namesOfOpen = [] // one set of names for each object or array that is open
  for (const [token, string, colon] of text.matchAll(TOKENS)) {
    if (string !== undefined) checkString(JSON.parse(string), colon !== undefined, namesOfOpen.at(-1))
    else if (token === '{' || token === '[') namesOfOpen.push(new Set())
    else if (token === '}' || token === ']') namesOfOpen.pop()
    else if (!isExact(token)) throw badMessage('A double does not hold a number exactly')
    if (namesOfOpen.length > MAX_DEPTH) throw badMessage(`More than ${MAX_DEPTH} levels`)
  }
}

function checkString(value, isName, names) {
  if (!value.isWellFormed()) throw badMessage('A string holds a lone surrogate')
  if (isName && names.has(value)) throw badMessage('An object has a name twice')
  if (isName) names.add(value)
}

/** Whether a double keeps the number: what JavaScript writes for it has the same decimal value. */
function isExact(source) {
  const written = Number(source)
  return Number.isFinite(written) && decimal(source) === decimal(String(written))
}

/** One spelling for each decimal value: sign, digits without outer zeros, exponent. */
function decimal(source) {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e(.+))?$/i.exec(source)
  const digits = (whole + fraction).replace(/^0+/, '')
  let length = digits.length
  while (digits[length - 1] === '0') length -= 1
  if (length === 0) return '0'
  return `${sign}${digits.slice(0, length)}e${Number(exponent) - fraction.length + digits.length - length}`
}

// ---------------------------------------------------------------------------------------------------------
// Messages: the shape of each, as in schemas/json
// ---------------------------------------------------------------------------------------------------------

const isString = (value) => typeof value === 'string'
const matching = (pattern) => (value) => isString(value) && pattern.test(value)
const printable = (maximum) => matching(new RegExp(`^[ -~]{1,${maximum}}$`))
const integer = (min, max) => (value) => Number.isInteger(value) && value >= min && value <= max
// JSON has no undefined: here it means absent.
const optional = (valid) => (value) => value === undefined || valid(value)
const nullable = (valid) => (value) => value === null || valid(value)
const object = (members) => (value) =>
  isObject(value) && Object.entries(members).every(([name, valid]) => valid(value[name]))

const REVERSE_DOMAIN = '[A-Za-z0-9_-]+([.][A-Za-z0-9_-]+)+'
const CAPABILITY_NAME = new RegExp(`^([a-z][a-z0-9]*(-[a-z0-9]+)*|${REVERSE_DOMAIN})$`)

const isMessageId = printable(64)
const isRoomName = printable(128) // [rooms.name]
const isVersions = (value) => Array.isArray(value) && value.length > 0 && value.every(integer(1, Infinity))
const isCapabilities = (value) =>
  isObject(value) &&
  Object.entries(value).every(([name, parameters]) => CAPABILITY_NAME.test(name) && isObject(parameters))
const isCandidate = object({
  candidate: isString,
  sdpMid: optional(nullable(isString)),
  sdpMLineIndex: optional(nullable(integer(0, 65_535))),
  usernameFragment: matching(/^[A-Za-z0-9+/]{4,256}$/),
})

const isPeerId = matching(/^[A-Za-z0-9_-]{16,64}$/)
const relayed = { to: isPeerId, room: isRoomName, call: matching(/^[0-9a-f]{32}$/) }
const negotiation = integer(1, Number.MAX_SAFE_INTEGER)
const isHangupReason = matching(new RegExp(`^(normal|glare|incompatible|failed|timeout|${REVERSE_DOMAIN})$`))

/** Every message that a client may send, with its members beside `type` and `id`. */
const SHAPES = {
  hello: {
    versions: isVersions,
    capabilities: optional(isCapabilities),
    replaces: optional(printable(64)),
    agent: optional(object({ name: isString, version: isString })),
  },
  auth: { method: printable(64), token: printable(16_384) },
  ping: {},
  bye: { reason: optional(isString) },
  join: { room: isRoomName }, // `data` may be anything, or absent
  leave: { room: isRoomName },
  update: { room: isRoomName, data: (value) => value !== undefined },
  offer: { ...relayed, negotiation, sdp: isString, label: optional(printable(64)) },
  answer: { ...relayed, negotiation, sdp: isString },
  candidate: { ...relayed, negotiation, candidate: isCandidate },
  hangup: { ...relayed, reason: isHangupReason },
}

// What a client never writes.
// [frames.forged-from] [frames.forged-ref] [frames.hop-members] [frames.dollar-name]
const isForbiddenName = (name) => ['from', 'ref', 'seq', 'ack'].includes(name) || name.startsWith('$')

function checkShape(message) {
  // Capabilities are never in force here. [frames.unknown-type] [capabilities.not-in-force]
  if (!Object.hasOwn(SHAPES, message.type)) throw new Refusal('unsupported-type', 'Unknown type')
  if (Object.keys(message).some(isForbiddenName)) throw badMessage('A member that a client must not write')
  const shape = { id: optional(isMessageId), ...SHAPES[message.type] }
  const wrong = Object.keys(shape).find((name) => !shape[name](message[name]))
  if (wrong !== undefined) throw badMessage(`Missing or malformed: ${wrong}`) // [frames.bad-shape]
}

// ---------------------------------------------------------------------------------------------------------
// The server
// ---------------------------------------------------------------------------------------------------------

/** Messages that need no authentication. [auth.required] */
const FREE_OF_AUTH = new Set(['hello', 'auth', 'ping', 'bye'])

/** Reasons of `peer-left` other than `lost`. [connection.end-noticed] [replaces.peer-left] */
const REASON_OF_FATAL = { replaced: 'replaced', 'token-expired': 'expired' }

class MinimalServer {
  #options
  #tokens
  #connections = new Set()
  #sessions = new Map() // session secret → live connection
  #rooms = new Map() // room name → Map of peer id → {connection, data, revision}

  constructor(options) {
    this.#options = options
    this.#tokens = new Map(Object.entries(options.tokens))
    this.clock = setInterval(() => this.#tick(performance.now()), TICK_MS)
    this.presence = setInterval(() => this.#repeatPresence(), options.presenceMs)
  }

  // ----- The life of a connection

  open(ws, transport) {
    const now = performance.now()
    const connection = { ws, transport, rooms: new Set(), lateOks: [], authFailures: 0, ended: false }
    Object.assign(connection, { openedAt: now, heardAt: now, heardBytes: 0 })
    this.#connections.add(connection)
    ws.on('message', (data, isBinary) => this.#receive(connection, data, isBinary))
    // Not UTF-8 or too large: `ws` ends the connection, with 1007 or 1009.
    // [websocket.utf8] [websocket.utf8-code] [limits.refuse-size]
    ws.on('error', () => this.#drop(connection))
    ws.on('close', () => this.#forget(connection, 'lost')) // [websocket.close]
  }

  close() {
    clearInterval(this.clock)
    clearInterval(this.presence)
    for (const connection of this.#connections) this.#drop(connection, 1001) // [websocket.draining-code]
  }

  /** Everything that waits for time to pass. */
  #tick(now) {
    for (const connection of this.#connections) {
      const due = this.#dueError(connection, now)
      // Not open: a close frame has come, though the transport may still be up.
      if (connection.ws.readyState !== connection.ws.OPEN) this.#drop(connection)
      else if (due !== undefined) this.#refuse(connection, due)
      else this.#sendLateOks(connection, now)
    }
  }

  /** The fatal error that is due by now, if any. */
  #dueError(connection, now) {
    const { helloTimeoutMs, authTimeoutMs, idleSeconds } = this.#options
    const { transport, peer, openedAt, greetedAt, expiresAt, ws } = connection
    // Whatever arrives is a sign of life, also pings and fragments of the binding.
    if (transport.bytesRead > connection.heardBytes)
      Object.assign(connection, { heardBytes: transport.bytesRead, heardAt: now })
    const errors = [
      // [connection.hello-wait] [connection.hello-timeout]
      ['hello-timeout', peer === undefined && now - openedAt > helloTimeoutMs],
      // [auth.timeout]
      ['auth-timeout', this.#mustAuthenticate(connection) && now - greetedAt > authTimeoutMs],
      // [auth.expiry]
      ['token-expired', now > expiresAt],
      // Between once idleSeconds and twice. [connection.idle-minimum] [connection.idle-timeout]
      ['idle-timeout', now - connection.heardAt > idleSeconds * 1_500],
      // [delivery.slow-receiver]
      ['too-slow', ws.bufferedAmount > MAX_UNSENT_BYTES],
    ]
    const due = errors.find(([, isDue]) => isDue)
    return due && new Refusal(due[0], 'The time, or the space for what is unread, has run out', true)
  }

  /** Ends the connection without an error, by a close frame unless one was sent already. */
  #drop(connection, code, reason = 'lost') {
    this.#forget(connection, reason) // [rooms.lost]
    connection.ws.close(code)
    setTimeout(() => connection.ws.terminate(), LINGER_MS).unref()
  }

  /** From here on the peer is in no room, nothing is sent to it, and what it sends has no effect. */
  #forget(connection, reason) {
    if (connection.ended) return
    connection.ended = true
    this.#connections.delete(connection)
    this.#sessions.delete(connection.session) // [replaces.unknown]
    // [connection.end-noticed]
    for (const name of connection.rooms) this.#endMembership(connection, name, reason)
  }

  // ----- Receiving and answering

  #receive(connection, data, isBinary) {
    if (connection.ended) return
    if (isBinary) return this.#drop(connection, 1003) // [websocket.binary] [websocket.binary-code]
    const frame = data.toString()
    const message = parseObject(frame)
    try {
      this.#accept(connection, message, frame)
    } catch (problem) {
      const known = problem instanceof Refusal
      // [frames.others-unharmed]: whatever goes wrong concerns this connection alone
      this.#refuse(connection, known ? problem : new Refusal('internal', 'The server failed', true), message)
    }
  }

  #accept(connection, message, frame) {
    const isGreeted = connection.peer !== undefined
    const isHello = message?.type === 'hello'
    // Also for garbage, which might get bad-message instead. [connection.hello-first]
    if (!isGreeted && !isHello) throw new Refusal('hello-required', 'Say hello first', true)
    // [frames.not-object] [frames.no-type]
    if (!isString(message?.type)) throw badMessage('Not a JSON object with a type')
    // [connection.second-hello]
    if (isGreeted && isHello) throw new Refusal('unexpected-message', 'hello has been said')
    // [auth.required]
    if (this.#mustAuthenticate(connection) && !FREE_OF_AUTH.has(message.type))
      throw new Refusal('unauthenticated', 'Authenticate first')
    checkIJson(frame)
    checkShape(message)
    // Each type has a method of its name, but for offer, answer, candidate and hangup, which are all alike.
    const handle = this[message.type] ?? this.#relay
    handle.call(this, connection, message)
  }

  #mustAuthenticate(connection) {
    const isKnown = connection.peer === undefined || connection.user !== undefined
    return this.#tokens.size > 0 && !isKnown // [auth.none]
  }

  #send(connection, message) {
    if (connection.ended || connection.ws.readyState !== connection.ws.OPEN) return
    connection.ws.send(JSON.stringify(message)) // members that are undefined are left out. [outcomes.no-ref]
  }

  #refuse(connection, { code, message: reason, fatal }, message = {}) {
    // [errors.context] [errors.context-equal]
    const context = { of: message.type, to: message.to, call: message.call, room: message.room }
    for (const [name, value] of Object.entries(context))
      if (!isString(value) || !value.isWellFormed()) delete context[name]
    const ref = isMessageId(message.id) ? message.id : undefined // [outcomes.ref]
    this.#send(connection, { type: 'error', code, message: reason, fatal, ...context, ref })
    if (!fatal) return // [errors.goes-on]
    this.#forget(connection, REASON_OF_FATAL[code] ?? 'lost')
    connection.transport.end() // [errors.fatal-ends] by the plain end of the transport, without a close frame
    setTimeout(() => connection.ws.terminate(), LINGER_MS).unref()
  }

  /** The outcome of what has no typed reply, only where an `id` asks. [outcomes.ok] [outcomes.silent] */
  #ok(connection, { id }) {
    if (id === undefined) return
    connection.lateOks.push({ ref: id, dueAt: performance.now() + this.#options.okDelayMs })
  }

  #sendLateOks(connection, now) {
    while (connection.lateOks.length > 0 && connection.lateOks[0].dueAt <= now)
      this.#send(connection, { type: 'ok', ref: connection.lateOks.shift().ref })
  }

  // ----- hello, ping, bye, auth

  hello(connection, message) {
    // [versions.highest] [versions.none-in-common]
    if (!message.versions.includes(VERSION))
      throw new Refusal('unsupported-version', 'No version in common', true)
    // Before `welcome`. [replaces.old-ends] [replaces.before-welcome]
    const replaced = this.#sessions.get(message.replaces)
    if (replaced) this.#refuse(replaced, new Refusal('replaced', 'A later connection took over', true))
    connection.peer = randomBytes(48).toString('base64url') // 64 characters. [connection.peer-id]
    connection.session = randomBytes(16).toString('hex') // 128 bits. [connection.random-ids]
    connection.greetedAt = performance.now()
    this.#sessions.set(connection.session, connection)
    const { messageBytes, idleSeconds, membersPerRoom } = this.#options // [limits.honoured]
    this.#send(connection, {
      type: 'welcome',
      version: VERSION,
      peer: connection.peer,
      session: connection.session,
      capabilities: {}, // [capabilities.only-named] [capabilities.unknown-ignored]
      limits: { messageBytes, idleSeconds, membersPerRoom },
      auth: this.#tokens.size > 0 ? ['token'] : [],
      ref: message.id,
    })
  }

  ping(connection, { id }) {
    this.#send(connection, { type: 'pong', ref: id }) // [connection.pong]
  }

  bye(connection) {
    this.#sendLateOks(connection, Infinity) // what is owed comes before the end
    this.#drop(connection, 1000, 'bye') // [connection.bye] [rooms.bye] [websocket.bye-code]
  }

  auth(connection, message) {
    const entry = message.method === 'token' ? this.#tokens.get(message.token) : undefined
    if (entry === undefined) {
      connection.authFailures += 1 // [auth.failed] [auth.third-failure]
      throw new Refusal('auth-failed', 'The token is not valid', connection.authFailures === 3)
    }
    const { user, grants, expiresInMs } = entry
    if (connection.user !== undefined && connection.user !== user)
      throw new Refusal('user-mismatch', 'The token is of another user') // [auth.user-mismatch]
    const expiresAt = performance.now() + (expiresInMs ?? Infinity)
    Object.assign(connection, { user, grants, expiresAt }) // memberships stay. [auth.refresh]
    // [auth.token]
    this.#send(connection, { type: 'authenticated', user, grants, expiresInMs, ref: message.id })
  }

  /** Absent grants allow everything. [auth.grants] */
  #checkGrant({ grants }, right, room) {
    const names = (grant) => grant.room === room || (isString(grant.prefix) && room.startsWith(grant.prefix))
    if (grants !== undefined && !grants.some((grant) => grant[right] && names(grant)))
      throw new Refusal('forbidden', `No right to ${right} here`)
  }

  // ----- Rooms and presence

  /** The room, of which the sender has to be a member. */
  #roomOf(connection, name) {
    if (!connection.rooms.has(name)) throw new Refusal('not-in-room', 'Join the room first')
    return this.#rooms.get(name)
  }

  join(connection, message) {
    const { room: name, data, id } = message
    // First, so that nobody learns which rooms exist. [rooms.forbidden]
    this.#checkGrant(connection, 'join', name)
    const isNew = !connection.rooms.has(name)
    if (isNew) this.#addMember(connection, name)
    const room = this.#rooms.get(name)
    const own = room.get(connection.peer)
    if (data !== undefined) own.data = data // [rooms.rejoin-data]
    own.revision = randomInt(1, 1_000_000) // starts anywhere, afresh with each `joined`
    const members = [...room.values()].filter((member) => member !== own) // [rooms.not-self]
    this.#send(connection, {
      type: 'joined', // before anything else of this membership. [rooms.joined-first] [rooms.rejoin]
      room: name,
      self: describe(own),
      members: members.map(describe), // [rooms.members]
      revision: own.revision,
      ref: id,
    })
    if (isNew)
      this.#tellOthers(name, own, { type: 'peer-joined', member: describe(own) }) // [rooms.peer-joined]
    else if (data !== undefined) this.#tellUpdated(name, own)
  }

  #addMember(connection, name) {
    const room = this.#rooms.get(name) ?? new Map()
    if (room.size >= this.#options.membersPerRoom)
      throw new Refusal('room-full', 'The room has no place left') // [rooms.full] [rooms.last-place]
    room.set(connection.peer, { connection })
    this.#rooms.set(name, room)
    connection.rooms.add(name)
  }

  leave(connection, { room: name, id }) {
    this.#roomOf(connection, name) // [rooms.leave-not-in-room]
    this.#endMembership(connection, name, 'leave')
    this.#send(connection, { type: 'left', room: name, reason: 'leave', ref: id }) // [rooms.leave]
  }

  /** The only place where a membership ends, so that each end is told once. [rooms.left-once] */
  #endMembership(connection, name, reason) {
    const room = this.#rooms.get(name)
    const own = room.get(connection.peer)
    this.#tellOthers(name, own, { type: 'peer-left', peer: connection.peer, reason })
    connection.rooms.delete(name)
    room.delete(connection.peer)
    if (room.size === 0) this.#rooms.delete(name) // [rooms.empty]
  }

  update(connection, message) {
    const own = this.#roomOf(connection, message.room).get(connection.peer) // [rooms.update-not-in-room]
    own.data = message.data
    this.#tellUpdated(message.room, own) // [rooms.update] [rooms.equal-data] [rooms.updated-in-order]
    this.#ok(connection, message)
  }

  #tellUpdated(name, member) {
    this.#tellOthers(name, member, { type: 'peer-updated', member: describe(member) })
  }

  /** Each receiver counts for itself. [rooms.revision] [rooms.outsiders] */
  #tellOthers(name, about, message) {
    for (const member of this.#rooms.get(name).values()) {
      if (member === about) continue
      member.revision += 1
      this.#send(member.connection, { ...message, room: name, revision: member.revision })
    }
  }

  /** A server may send `peer-updated` although nothing has changed: here about somebody, now and then. */
  #repeatPresence() {
    for (const [name, room] of this.#rooms) this.#tellUpdated(name, [...room.values()][randomInt(room.size)])
  }

  // ----- Relay

  #relay(connection, message) {
    const room = this.#roomOf(connection, message.room) // [relay.not-in-room]
    const receiver = room.get(message.to)
    // The same answer for a peer that is elsewhere, gone, or never was. [relay.no-oracle]
    if (receiver === undefined || receiver.connection === connection)
      throw new Refusal('peer-not-found', 'No such other member') // [relay.peer-not-found]
    this.#checkGrant(connection, 'send', message.room) // [relay.forbidden]
    // Never asked: what came before in the call, or what is in it. [relay.no-call-state] [relay.unread]
    // Serialised anew, with the members in another order. [relay.members] [relay.from] [delivery.addressee]
    const members = [...Object.entries(message), ['from', connection.peer]].reverse()
    this.#send(receiver.connection, Object.fromEntries(members))
    this.#ok(connection, message)
  }
}

/** A member as others see it; `user` and `data` are left out where there are none. [rooms.user] */
function describe({ connection, data }) {
  return { peer: connection.peer, user: connection.user, data }
}

/** [websocket.no-subprotocol]: who does not offer the subprotocol, also among others, is refused. */
function offersSubprotocol({ req }) {
  const offered = req.headers['sec-websocket-protocol'] ?? ''
  return offered.split(',').some((name) => name.trim() === SUBPROTOCOL)
}

/**
 * Starts a server.
 *
 * @param {Partial<typeof DEFAULTS>} [options]
 * @returns {Promise<{url: string, close: () => Promise<void>}>}
 */
export async function createMinimalServer(options = {}) {
  const settings = { ...DEFAULTS, ...options }
  const listener = createServer((request, response) => response.writeHead(426).end())
  await once(listener.listen(settings.port, settings.host), 'listening')
  const sockets = new WebSocketServer({
    server: listener,
    maxPayload: settings.messageBytes, // in bytes of UTF-8, over all fragments. [limits.size-in-bytes]
    handleProtocols: () => SUBPROTOCOL, // [websocket.subprotocol]
    verifyClient: (info, decide) => decide(offersSubprotocol(info), 400),
  })
  const server = new MinimalServer(settings)
  sockets.on('connection', (ws, request) => server.open(ws, request.socket))
  const close = async () => {
    server.close()
    listener.close()
    listener.closeAllConnections() // those that have not become WebSockets
    await once(listener, 'close')
  }
  return { url: `ws://${settings.host}:${listener.address().port}/`, close }
}

// As a program: node server.js [port] [tokens.json]
if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [port = '8080', tokensFile] = process.argv.slice(2)
  const tokens = tokensFile === undefined ? {} : JSON.parse(readFileSync(tokensFile, 'utf8'))
  const server = await createMinimalServer({ port: Number(port), tokens })
  console.log(server.url)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, server.close)
}
