// Generated from the pages in spec/ by scripts/generate-spec.ts: change those, not this file.

/** Id of a requirement that binds servers: one that a check may cite. */
export type ServerRequirementId =
  | 'frames.object'
  | 'frames.shape'
  | 'frames.not-object'
  | 'frames.no-type'
  | 'frames.bad-shape'
  | 'frames.forged-from'
  | 'frames.forged-ref'
  | 'frames.hop-members'
  | 'frames.dollar-name'
  | 'frames.unknown-type'
  | 'frames.goes-on'
  | 'frames.others-unharmed'
  | 'frames.good-shape'
  | 'frames.unknown-members'
  | 'frames.exact-names'
  | 'frames.nesting'
  | 'frames.nesting-deeper'
  | 'frames.whitespace'
  | 'relay.members'
  | 'relay.opaque-sdp'
  | 'relay.from'
  | 'relay.duplicate-names'
  | 'relay.nested-duplicates'
  | 'relay.beyond-i-json'
  | 'connection.states'
  | 'connection.hello-first'
  | 'connection.welcome'
  | 'connection.second-hello'
  | 'connection.hello-wait'
  | 'connection.hello-timeout'
  | 'connection.unknown-agent'
  | 'connection.peer-id'
  | 'connection.session-secret'
  | 'connection.random-ids'
  | 'connection.secret-kept'
  | 'connection.back-to-back'
  | 'connection.order'
  | 'connection.pong'
  | 'connection.idle-minimum'
  | 'connection.idle-timeout'
  | 'connection.idle-without-ping'
  | 'connection.bye'
  | 'connection.end-noticed'
  | 'replaces.old-ends'
  | 'replaces.peer-left'
  | 'replaces.before-welcome'
  | 'replaces.new-identity'
  | 'replaces.unknown'
  | 'versions.highest'
  | 'versions.none-in-common'
  | 'capabilities.only-named'
  | 'capabilities.unknown-ignored'
  | 'capabilities.core-only'
  | 'capabilities.not-in-force'
  | 'capabilities.peer-unsupported'
  | 'outcomes.typed-reply'
  | 'outcomes.ok'
  | 'outcomes.silent'
  | 'outcomes.failure-told'
  | 'outcomes.exactly-one'
  | 'outcomes.ref'
  | 'outcomes.no-ref'
  | 'outcomes.id-any'
  | 'outcomes.id-reuse'
  | 'outcomes.in-time'
  | 'errors.code'
  | 'errors.any-that-applies'
  | 'errors.fatal-flag'
  | 'errors.fatal-ends'
  | 'errors.fatal-first'
  | 'errors.goes-on'
  | 'errors.context-equal'
  | 'errors.context'
  | 'errors.close-code'
  | 'delivery.order'
  | 'delivery.once'
  | 'delivery.only-sent'
  | 'delivery.no-gap'
  | 'delivery.addressee'
  | 'delivery.in-time'
  | 'delivery.sender-gone'
  | 'delivery.slow-receiver'
  | 'delivery.slow-alone'
  | 'delivery.rate'
  | 'delivery.rate-single'
  | 'delivery.burst'
  | 'rooms.states'
  | 'rooms.name'
  | 'rooms.joined'
  | 'rooms.members'
  | 'rooms.not-self'
  | 'rooms.peer-joined'
  | 'rooms.user'
  | 'rooms.total-order'
  | 'rooms.rejoin'
  | 'rooms.rejoin-data'
  | 'rooms.several'
  | 'rooms.forbidden'
  | 'rooms.full'
  | 'rooms.last-place'
  | 'rooms.empty'
  | 'rooms.joined-first'
  | 'rooms.known-first'
  | 'rooms.left-last'
  | 'rooms.after-left'
  | 'rooms.outsiders'
  | 'rooms.revision'
  | 'rooms.update'
  | 'rooms.equal-data'
  | 'rooms.updated-in-order'
  | 'rooms.update-not-in-room'
  | 'rooms.leave'
  | 'rooms.leave-not-in-room'
  | 'rooms.unasked-left'
  | 'rooms.bye'
  | 'rooms.lost'
  | 'rooms.ended'
  | 'rooms.left-once'
  | 'relay.delivered'
  | 'relay.not-in-room'
  | 'relay.peer-not-found'
  | 'relay.no-oracle'
  | 'relay.forbidden'
  | 'relay.no-call-state'
  | 'relay.unread'
  | 'auth.required'
  | 'auth.none'
  | 'auth.wait'
  | 'auth.timeout'
  | 'auth.token'
  | 'auth.failed'
  | 'auth.third-failure'
  | 'auth.not-echoed'
  | 'auth.failure-keeps'
  | 'auth.refresh'
  | 'auth.user-mismatch'
  | 'auth.grants'
  | 'auth.expiry'
  | 'auth.unsupported'
  | 'auth.not-logged'
  | 'limits.accept-size'
  | 'limits.refuse-size'
  | 'limits.size-in-bytes'
  | 'limits.enforced'
  | 'limits.honoured'
  | 'limits.data'
  | 'limits.rooms'
  | 'drain.as-core'
  | 'drain.goaway'
  | 'drain.newcomer'
  | 'drain.joins'
  | 'drain.under-way'
  | 'drain.not-before'
  | 'drain.ends'
  | 'drain.again'
  | 'drain.untold'
  | 'ice.reply'
  | 'ice.accepted'
  | 'ice.renewed'
  | 'ice.overlap'
  | 'ice.only-asked'
  | 'ice.no-secret'
  | 'ice.own'
  | 'ring.states'
  | 'ring.invited'
  | 'ring.only-endpoints'
  | 'ring.caller'
  | 'ring.carried'
  | 'ring.data'
  | 'ring.outcome-first'
  | 'ring.ringing'
  | 'ring.hidden'
  | 'ring.accept'
  | 'ring.decline'
  | 'ring.busy'
  | 'ring.endpoint-lost'
  | 'ring.cancel'
  | 'ring.caller-lost'
  | 'ring.timeout'
  | 'ring.last'
  | 'ring.crossed'
  | 'ring.glare'
  | 'ring.unavailable'
  | 'ring.no-oracle'
  | 'ring.no-timing'
  | 'ring.members'
  | 'ring.exists'
  | 'ring.reused'
  | 'ring.not-found'
  | 'ring.ended'
  | 'ring.state'
  | 'ring.calls-per-peer'
  | 'ring.rate'
  | 'talk.delivered'
  | 'talk.as-in-a-room'
  | 'talk.peer-not-found'
  | 'talk.hangup'
  | 'talk.lost'
  | 'talk.apart-from-rooms'
  | 'talk.refresh'
  | 'find.may-join'
  | 'find.own-rooms'
  | 'find.own-user'
  | 'find.sight'
  | 'find.not-by-presence'
  | 'find.reply'
  | 'find.kind'
  | 'find.present'
  | 'find.members'
  | 'find.prefix'
  | 'find.order'
  | 'find.complete'
  | 'find.limit'
  | 'find.progress'
  | 'find.cursor'
  | 'find.unknown-cursor'
  | 'find.rate'
  | 'watch.outcome-first'
  | 'watch.first'
  | 'watch.online'
  | 'watch.change'
  | 'watch.only-changes'
  | 'watch.revision'
  | 'watch.again'
  | 'watch.unwatch'
  | 'watch.only-watched'
  | 'watch.no-oracle'
  | 'watch.limit'
  | 'watch.ends'
  | 'resume.states'
  | 'seq.numbered'
  | 'seq.unnumbered'
  | 'seq.taken'
  | 'seq.seen'
  | 'seq.gap'
  | 'seq.missing'
  | 'seq.hop'
  | 'ack.sent'
  | 'ack.true'
  | 'ack.old'
  | 'ack.beyond'
  | 'resume.resumed'
  | 'resume.again'
  | 'resume.goes-on'
  | 'resume.unseen'
  | 'resume.meanwhile'
  | 'resume.takes-over'
  | 'resume.secret'
  | 'resume.authentication'
  | 'resume.failed'
  | 'resume.no-oracle'
  | 'resume.failure-keeps'
  | 'resume.window'
  | 'resume.window-over'
  | 'resume.bye'
  | 'resume.fatal'
  | 'resume.expiry'
  | 'resume.replaces'
  | 'resume.buffer'
  | 'resume.overflow'
  | 'custom.one'
  | 'custom.all'
  | 'custom.unread'
  | 'custom.order'
  | 'custom.not-in-room'
  | 'custom.peer-not-found'
  | 'custom.forbidden'
  | 'websocket.text'
  | 'websocket.subprotocol'
  | 'websocket.no-subprotocol'
  | 'websocket.fragments'
  | 'websocket.ping'
  | 'websocket.binary'
  | 'websocket.binary-code'
  | 'websocket.utf8'
  | 'websocket.utf8-code'
  | 'websocket.too-large-code'
  | 'websocket.no-compression'
  | 'websocket.close'
  | 'websocket.bye-code'
  | 'websocket.draining-code'

/** Id of a requirement that binds clients. */
export type ClientRequirementId =
  | 'frames.client-shape'
  | 'frames.vendor-names'
  | 'frames.reader-ignores'
  | 'connection.secret-client'
  | 'connection.keep-alive'
  | 'connection.bye-last'
  | 'replaces.client'
  | 'outcomes.not-relayed'
  | 'errors.client-unknown'
  | 'rooms.offerer'
  | 'call.id'
  | 'call.key'
  | 'call.several'
  | 'call.in-order'
  | 'call.ends'
  | 'call.after-hangup'
  | 'call.unknown-hangup'
  | 'call.unknown'
  | 'call.reason'
  | 'call.reject'
  | 'call.broken'
  | 'call.states'
  | 'negotiation.parity'
  | 'negotiation.grows'
  | 'negotiation.one-pending'
  | 'negotiation.answer'
  | 'negotiation.stale-answer'
  | 'negotiation.final-only'
  | 'candidate.after-description'
  | 'candidate.number'
  | 'candidate.ufrag'
  | 'candidate.section'
  | 'candidate.end'
  | 'candidate.hold'
  | 'candidate.add'
  | 'candidate.outlives-round'
  | 'glare.caller'
  | 'glare.callee'
  | 'glare.two-calls'
  | 'glare.hangup'
  | 'glare.only-first'
  | 'glare.one-at-a-time'
  | 'renegotiation.either'
  | 'renegotiation.restart'
  | 'renegotiation.restart-alive'
  | 'renegotiation.remove'
  | 'auth.not-in-url'
  | 'auth.refresh-early'
  | 'limits.client'
  | 'drain.move'
  | 'drain.stay'
  | 'drain.url-trust'
  | 'ice.hand-over'
  | 'ice.renew'
  | 'ice.keep'
  | 'ring.client-states'
  | 'ring.new-id'
  | 'ring.alert'
  | 'ring.answer'
  | 'ring.quiet'
  | 'ring.unknown'
  | 'ring.too-late'
  | 'ring.glare-accept'
  | 'talk.offer'
  | 'talk.end'
  | 'find.opaque'
  | 'find.anew'
  | 'watch.late'
  | 'watch.anew'
  | 'seq.client'
  | 'ack.client'
  | 'ack.keep'
  | 'resume.client'
  | 'resume.client-forgets'
  | 'resume.client-anew'
  | 'custom.fallback'
  | 'websocket.offer'

/** Id of a requirement. */
export type RequirementId = ServerRequirementId | ClientRequirementId

/** One sentence of the specification that binds. */
export interface Requirement {
  readonly id: RequirementId
  /** Its first key word, as in BCP 14. */
  readonly level: 'MUST NOT' | 'MUST' | 'SHOULD NOT' | 'SHOULD' | 'MAY'
  /** Who is bound by it. */
  readonly party: 'server' | 'client'
  /** The sentence, in Markdown. */
  readonly text: string
  /** Path of its page below `spec/`. */
  readonly file: string
  /** The nearest heading. */
  readonly section: string
  /** Anchor of that heading. */
  readonly anchor: string
}

/** Every requirement, in the order of the specification. */
export const requirements: readonly Requirement[] = [
  {
    id: 'frames.object',
    level: 'MUST',
    party: 'server',
    text: 'Every frame that a server sends MUST be a single JSON object in UTF-8, without a byte order mark, with a string member `type`, and I-JSON except for what it carries on from a client ([relay.beyond-i-json]) and what an `error` repeats of the message that failed ([errors.context]).',
    file: 'frames.md',
    section: 'What is sent',
    anchor: 'what-is-sent',
  },
  {
    id: 'frames.shape',
    level: 'MUST',
    party: 'server',
    text: 'Every message that a server sends MUST be valid against the published JSON Schema of its type (for a relayed message, the schema of its delivered form). Members that the schema does not know are permitted.',
    file: 'frames.md',
    section: 'What is sent',
    anchor: 'what-is-sent',
  },
  {
    id: 'frames.client-shape',
    level: 'MUST',
    party: 'client',
    text: 'Every frame that a client sends MUST be a single JSON object, I-JSON in UTF-8, valid against the published JSON Schema of its type.',
    file: 'frames.md',
    section: 'What is sent',
    anchor: 'what-is-sent',
  },
  {
    id: 'frames.vendor-names',
    level: 'MUST',
    party: 'client',
    text: 'A client that sends members, types or reasons which this specification does not define MUST give them reverse-domain names.',
    file: 'frames.md',
    section: 'What is sent',
    anchor: 'what-is-sent',
  },
  {
    id: 'frames.reader-ignores',
    level: 'MUST',
    party: 'client',
    text: 'A client MUST ignore members that it does not know, and MUST NOT end the connection because of a message, reason or error code that it does not know.',
    file: 'frames.md',
    section: 'What is sent',
    anchor: 'what-is-sent',
  },
  {
    id: 'frames.not-object',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a frame that is not a JSON object (malformed JSON, such as two JSON texts or a byte order mark in front of one, or a JSON value of another kind) with `bad-message`.',
    file: 'frames.md',
    section: 'What is refused',
    anchor: 'what-is-refused',
  },
  {
    id: 'frames.no-type',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer an object without a string member `type` with `bad-message`.',
    file: 'frames.md',
    section: 'What is refused',
    anchor: 'what-is-refused',
  },
  {
    id: 'frames.bad-shape',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a message of a known type that is not valid against the schema of that type with `bad-message`.',
    file: 'frames.md',
    section: 'What is refused',
    anchor: 'what-is-refused',
  },
  {
    id: 'frames.forged-from',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a message in which a client has written `from` with `bad-message`, and MUST NOT deliver it.',
    file: 'frames.md',
    section: 'What is refused',
    anchor: 'what-is-refused',
  },
  {
    id: 'frames.forged-ref',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a message in which a client has written `ref` with `bad-message`, and MUST NOT deliver it.',
    file: 'frames.md',
    section: 'What is refused',
    anchor: 'what-is-refused',
  },
  {
    id: 'frames.hop-members',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a message with a member `seq` or `ack` with `bad-message` unless the `resume` capability is in force on that connection.',
    file: 'frames.md',
    section: 'What is refused',
    anchor: 'what-is-refused',
  },
  {
    id: 'frames.dollar-name',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a message with a top-level member whose name begins with `$` with `bad-message`.',
    file: 'frames.md',
    section: 'What is refused',
    anchor: 'what-is-refused',
  },
  {
    id: 'frames.unknown-type',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a message whose `type` it does not know with `unsupported-type`. A type that only servers send counts as unknown; there `bad-message` and `unexpected-message` apply as well.',
    file: 'frames.md',
    section: 'What is refused',
    anchor: 'what-is-refused',
  },
  {
    id: 'frames.goes-on',
    level: 'MUST',
    party: 'server',
    text: 'After answering with `bad-message` or `unsupported-type` a server MUST go on with the connection and treat the messages that follow as if the refused frame had not been sent. (Before `welcome`, `hello-required` may be the answer instead, [connection.hello-first].)',
    file: 'frames.md',
    section: 'What is refused',
    anchor: 'what-is-refused',
  },
  {
    id: 'frames.others-unharmed',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT let any frame of one connection end, block or change the connection of another client, except as this specification says.',
    file: 'frames.md',
    section: 'What is refused',
    anchor: 'what-is-refused',
  },
  {
    id: 'frames.good-shape',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT answer a message that is valid against the schema of its type with `bad-message`, unless it holds what I-JSON forbids or is nested deeper than 16 levels.',
    file: 'frames.md',
    section: 'What is accepted',
    anchor: 'what-is-accepted',
  },
  {
    id: 'frames.unknown-members',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST accept a message with members that it does not know (names that do not begin with `$`), and act as if they were absent, save that it carries them on in what it relays.',
    file: 'frames.md',
    section: 'What is accepted',
    anchor: 'what-is-accepted',
  },
  {
    id: 'frames.exact-names',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST compare names and values exactly: case-sensitive and without Unicode normalisation.',
    file: 'frames.md',
    section: 'What is accepted',
    anchor: 'what-is-accepted',
  },
  {
    id: 'frames.nesting',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST accept messages whose values are nested up to 16 levels deep: each object and each array is a level, the message itself the first; other values are none.',
    file: 'frames.md',
    section: 'What is accepted',
    anchor: 'what-is-accepted',
  },
  {
    id: 'frames.nesting-deeper',
    level: 'MAY',
    party: 'server',
    text: 'A server MAY refuse a message whose values are nested deeper than 16 levels with `bad-message`.',
    file: 'frames.md',
    section: 'What is accepted',
    anchor: 'what-is-accepted',
  },
  {
    id: 'frames.whitespace',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST accept a JSON object written with insignificant white space, with its members in any order, and with any escape that RFC 8259 permits.',
    file: 'frames.md',
    section: 'What is accepted',
    anchor: 'what-is-accepted',
  },
  {
    id: 'relay.members',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST deliver every member of a relayed message, those it does not know included, with an equal value: strings code point for code point, numbers of equal value, arrays in order, objects member for member. The members `to` and `id` are delivered too.',
    file: 'frames.md',
    section: 'What a relay leaves untouched',
    anchor: 'what-a-relay-leaves-untouched',
  },
  {
    id: 'relay.opaque-sdp',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST deliver `sdp` unchanged, whatever it contains: line ends (CRLF or LF), a trailing line end or none, lines that it does not know.',
    file: 'frames.md',
    section: 'What a relay leaves untouched',
    anchor: 'what-a-relay-leaves-untouched',
  },
  {
    id: 'relay.from',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST write into every relayed message that it delivers a member `from` with the peer id of the connection that sent it.',
    file: 'frames.md',
    section: 'What a relay leaves untouched',
    anchor: 'what-a-relay-leaves-untouched',
  },
  {
    id: 'relay.duplicate-names',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST either refuse a relayed message whose top level has duplicate names with `bad-message`, or deliver it without the duplicates and with exactly those values that it checked.',
    file: 'frames.md',
    section: 'What a relay leaves untouched',
    anchor: 'what-a-relay-leaves-untouched',
  },
  {
    id: 'relay.nested-duplicates',
    level: 'MAY',
    party: 'server',
    text: 'Where an object further down in a relayed message has duplicate names, a server MAY refuse the message with `bad-message`, deliver all of them, or deliver one of each.',
    file: 'frames.md',
    section: 'What a relay leaves untouched',
    anchor: 'what-a-relay-leaves-untouched',
  },
  {
    id: 'relay.beyond-i-json',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST either refuse a relayed message, or a message with `data`, that holds what I-JSON forbids (a number of greater magnitude or precision than a double has, such as 9007199254740993 or 1e400; a lone surrogate) with `bad-message`, or deliver that value unchanged; it MUST NOT deliver a changed value.',
    file: 'frames.md',
    section: 'What a relay leaves untouched',
    anchor: 'what-a-relay-leaves-untouched',
  },
  {
    id: 'connection.states',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST do with each message of a client, in each state of the machine _connection_, what its transition says, whatever has been said before.',
    file: 'connection.md',
    section: 'Connection',
    anchor: 'connection',
  },
  {
    id: 'connection.hello-first',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a first message that is not `hello` with the fatal error `hello-required`. A first frame that is no valid message at all may get `bad-message` instead.',
    file: 'connection.md',
    section: 'Opening',
    anchor: 'opening',
  },
  {
    id: 'connection.welcome',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a `hello` that it accepts with `welcome`, before any other message that it sends on that connection apart from errors.',
    file: 'connection.md',
    section: 'Opening',
    anchor: 'opening',
  },
  {
    id: 'connection.second-hello',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a `hello` after `welcome` with `unexpected-message`, and the connection keeps its version, capabilities and peer id.',
    file: 'connection.md',
    section: 'Opening',
    anchor: 'opening',
  },
  {
    id: 'connection.hello-wait',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST wait for `hello` for at least 10 s after the connection has opened, and MUST NOT end a connection for want of a `hello` that it has answered with `welcome`.',
    file: 'connection.md',
    section: 'Opening',
    anchor: 'opening',
  },
  {
    id: 'connection.hello-timeout',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST end a connection on which no `hello` that it accepts has come within 60 s, with the fatal error `hello-timeout`.',
    file: 'connection.md',
    section: 'Opening',
    anchor: 'opening',
  },
  {
    id: 'connection.unknown-agent',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT let `agent` decide how it treats a client.',
    file: 'connection.md',
    section: 'Opening',
    anchor: 'opening',
  },
  {
    id: 'connection.peer-id',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST give each connection a peer id of its own, 16 to 64 characters of `A`–`Z`, `a`–`z`, `0`–`9`, `_`, `-`, that no other connection has or had.',
    file: 'connection.md',
    section: 'Identity',
    anchor: 'identity',
  },
  {
    id: 'connection.session-secret',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST give each connection a session secret of its own, of the same form as a peer id and different from it.',
    file: 'connection.md',
    section: 'Identity',
    anchor: 'identity',
  },
  {
    id: 'connection.random-ids',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST draw peer ids and session secrets so that each carries at least 120 bits from a cryptographically secure random number generator. (At six bits a character that takes 20 characters or more.)',
    file: 'connection.md',
    section: 'Identity',
    anchor: 'identity',
  },
  {
    id: 'connection.secret-kept',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT send a session secret to anybody but the client to which it gave it.',
    file: 'connection.md',
    section: 'Identity',
    anchor: 'identity',
  },
  {
    id: 'connection.secret-client',
    level: 'MUST',
    party: 'client',
    text: 'A client MUST keep its session secret from other clients and out of URLs and logs.',
    file: 'connection.md',
    section: 'Identity',
    anchor: 'identity',
  },
  {
    id: 'connection.back-to-back',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST accept `hello`, `auth`, `join` and relayed messages sent one after another without waiting for any answer.',
    file: 'connection.md',
    section: 'Order',
    anchor: 'order',
  },
  {
    id: 'connection.order',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST let the messages of one connection take effect in the order in which they were sent.',
    file: 'connection.md',
    section: 'Order',
    anchor: 'order',
  },
  {
    id: 'connection.pong',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer `ping` with `pong`, also before authentication.',
    file: 'connection.md',
    section: 'Liveness',
    anchor: 'liveness',
  },
  {
    id: 'connection.idle-minimum',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT end a connection for silence before `limits.idleSeconds` have passed since the last frame that it received.',
    file: 'connection.md',
    section: 'Liveness',
    anchor: 'liveness',
  },
  {
    id: 'connection.idle-timeout',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST end a connection from which no frame has come for twice `limits.idleSeconds`, with the fatal error `idle-timeout`.',
    file: 'connection.md',
    section: 'Liveness',
    anchor: 'liveness',
  },
  {
    id: 'connection.idle-without-ping',
    level: 'MUST',
    party: 'server',
    text: 'A server that sends no pings of its binding MUST announce `limits.idleSeconds` of 120 or more.',
    file: 'connection.md',
    section: 'Liveness',
    anchor: 'liveness',
  },
  {
    id: 'connection.keep-alive',
    level: 'SHOULD',
    party: 'client',
    text: 'A client that has sent nothing for half of `limits.idleSeconds` SHOULD send `ping`.',
    file: 'connection.md',
    section: 'Liveness',
    anchor: 'liveness',
  },
  {
    id: 'connection.bye',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer `bye` with the orderly end of the connection as its binding defines it, within 5 s; messages that came before `bye` keep their effect.',
    file: 'connection.md',
    section: 'The end',
    anchor: 'the-end',
  },
  {
    id: 'connection.bye-last',
    level: 'MUST NOT',
    party: 'client',
    text: 'A client MUST NOT send anything after `bye`.',
    file: 'connection.md',
    section: 'The end',
    anchor: 'the-end',
  },
  {
    id: 'connection.end-noticed',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST notice the end of a connection, orderly or not, and tell the rooms of that peer with `peer-left` and the reason that Rooms gives for that end.',
    file: 'connection.md',
    section: 'The end',
    anchor: 'the-end',
  },
  {
    id: 'replaces.old-ends',
    level: 'MUST',
    party: 'server',
    text: 'On a `hello` that it accepts and whose `replaces` is the session secret of a live connection, a server MUST end that connection with the fatal error `replaced`.',
    file: 'connection.md',
    section: 'Taking over: replaces',
    anchor: 'taking-over-replaces',
  },
  {
    id: 'replaces.peer-left',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST tell the rooms of the replaced peer `peer-left` with reason `replaced`.',
    file: 'connection.md',
    section: 'Taking over: replaces',
    anchor: 'taking-over-replaces',
  },
  {
    id: 'replaces.before-welcome',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST have taken the replaced peer out of its rooms, and sent that error and those `peer-left`, before it sends `welcome`.',
    file: 'connection.md',
    section: 'Taking over: replaces',
    anchor: 'taking-over-replaces',
  },
  {
    id: 'replaces.new-identity',
    level: 'MUST',
    party: 'server',
    text: 'The connection that replaces MUST get a peer id and a session secret of its own, and no membership of the replaced one.',
    file: 'connection.md',
    section: 'Taking over: replaces',
    anchor: 'taking-over-replaces',
  },
  {
    id: 'replaces.unknown',
    level: 'MUST',
    party: 'server',
    text: "A server MUST ignore a `replaces` that is no live connection's session secret: an unknown one, one whose connection has ended, and a peer id.",
    file: 'connection.md',
    section: 'Taking over: replaces',
    anchor: 'taking-over-replaces',
  },
  {
    id: 'replaces.client',
    level: 'SHOULD',
    party: 'client',
    text: 'A client that reconnects after a loss SHOULD send `replaces` with the session secret of its last connection.',
    file: 'connection.md',
    section: 'Taking over: replaces',
    anchor: 'taking-over-replaces',
  },
  {
    id: 'versions.highest',
    level: 'MUST',
    party: 'server',
    text: '`welcome.version` MUST be the highest version that `hello.versions` lists and the server speaks; versions that the server does not know are passed over.',
    file: 'versions.md',
    section: 'Versions',
    anchor: 'versions',
  },
  {
    id: 'versions.none-in-common',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a `hello` without a version that it speaks with the fatal error `unsupported-version`.',
    file: 'versions.md',
    section: 'Versions',
    anchor: 'versions',
  },
  {
    id: 'capabilities.only-named',
    level: 'MUST NOT',
    party: 'server',
    text: '`welcome.capabilities` MUST NOT name a capability that `hello` did not name.',
    file: 'versions.md',
    section: 'Capabilities',
    anchor: 'capabilities',
  },
  {
    id: 'capabilities.unknown-ignored',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST accept a `hello` that names capabilities which it does not know, whatever their parameters hold, and leave them out of `welcome`.',
    file: 'versions.md',
    section: 'Capabilities',
    anchor: 'capabilities',
  },
  {
    id: 'capabilities.core-only',
    level: 'MUST NOT',
    party: 'server',
    text: "A server MUST NOT send a message of a type that is neither Core's nor that of a capability in force on that connection.",
    file: 'versions.md',
    section: 'Capabilities',
    anchor: 'capabilities',
  },
  {
    id: 'capabilities.not-in-force',
    level: 'MUST',
    party: 'server',
    text: "A server MUST answer a client's message that belongs to a capability not in force on that connection with `unsupported-type`.",
    file: 'versions.md',
    section: 'Capabilities',
    anchor: 'capabilities',
  },
  {
    id: 'capabilities.peer-unsupported',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a relayed message of a capability that is in force for its sender and not for its receiver, both members of the room, with `peer-unsupported`.',
    file: 'versions.md',
    section: 'Capabilities',
    anchor: 'capabilities',
  },
  {
    id: 'outcomes.typed-reply',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST send the typed reply of every message that it accepts and that has one, whether or not the message carries an `id`.',
    file: 'outcomes.md',
    section: 'Outcomes',
    anchor: 'outcomes',
  },
  {
    id: 'outcomes.ok',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a message that it accepts, that carries an `id` and has no typed reply, with `ok`.',
    file: 'outcomes.md',
    section: 'Outcomes',
    anchor: 'outcomes',
  },
  {
    id: 'outcomes.silent',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT answer an accepted message that carries no `id` and has no typed reply.',
    file: 'outcomes.md',
    section: 'Outcomes',
    anchor: 'outcomes',
  },
  {
    id: 'outcomes.failure-told',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer every message that it does not accept with `error`, whether or not the message carries an `id`.',
    file: 'outcomes.md',
    section: 'Outcomes',
    anchor: 'outcomes',
  },
  {
    id: 'outcomes.exactly-one',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST send exactly one outcome for each message that carries an `id`. None is owed once the connection has ended.',
    file: 'outcomes.md',
    section: 'Outcomes',
    anchor: 'outcomes',
  },
  {
    id: 'outcomes.ref',
    level: 'MUST',
    party: 'server',
    text: 'The outcome of a message with a valid `id` MUST carry `ref` with that `id`, exactly as it came; this holds for an `error` about a message that is otherwise invalid, as long as it is an I-JSON object within `limits.messageBytes` and nested no deeper than 16 levels.',
    file: 'outcomes.md',
    section: 'Outcomes',
    anchor: 'outcomes',
  },
  {
    id: 'outcomes.no-ref',
    level: 'MUST NOT',
    party: 'server',
    text: 'A message from the server that answers no `id` MUST NOT carry `ref`.',
    file: 'outcomes.md',
    section: 'Outcomes',
    anchor: 'outcomes',
  },
  {
    id: 'outcomes.id-any',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST accept every `id` of 1 to 64 characters of printable ASCII.',
    file: 'outcomes.md',
    section: 'Outcomes',
    anchor: 'outcomes',
  },
  {
    id: 'outcomes.id-reuse',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT use `id` to find duplicates: two messages with the same `id` are both acted on, and each gets its outcome.',
    file: 'outcomes.md',
    section: 'Outcomes',
    anchor: 'outcomes',
  },
  {
    id: 'outcomes.in-time',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST send the outcome of a message within 5 s of receiving it while the client keeps reading, save where it has stopped reading that connection for its rate ([delivery.rate]).',
    file: 'outcomes.md',
    section: 'Outcomes',
    anchor: 'outcomes',
  },
  {
    id: 'outcomes.not-relayed',
    level: 'MUST NOT',
    party: 'client',
    text: "A client MUST NOT take a relayed message for an outcome, whatever its `id`: it is the sender's.",
    file: 'outcomes.md',
    section: 'Outcomes',
    anchor: 'outcomes',
  },
  {
    id: 'errors.code',
    level: 'MUST',
    party: 'server',
    text: "`error.code` MUST be a code of the table below, or a vendor's reverse-domain code where none of the table applies.",
    file: 'outcomes.md',
    section: 'Errors',
    anchor: 'errors',
  },
  {
    id: 'errors.any-that-applies',
    level: 'MAY',
    party: 'server',
    text: 'Where more than one error applies to a message, a server MAY answer with any one of them; none goes before another.',
    file: 'outcomes.md',
    section: 'Errors',
    anchor: 'errors',
  },
  {
    id: 'errors.fatal-flag',
    level: 'MUST',
    party: 'server',
    text: '`error.fatal` MUST be as the table says for its code.',
    file: 'outcomes.md',
    section: 'Errors',
    anchor: 'errors',
  },
  {
    id: 'errors.fatal-ends',
    level: 'MUST',
    party: 'server',
    text: 'After an error with `fatal` true a server MUST send nothing more and end the connection within 5 s.',
    file: 'outcomes.md',
    section: 'Errors',
    anchor: 'errors',
  },
  {
    id: 'errors.fatal-first',
    level: 'MUST',
    party: 'server',
    text: 'A server that ends a connection for a reason which the table lists as fatal MUST send that error before the end, where the connection still takes it.',
    file: 'outcomes.md',
    section: 'Errors',
    anchor: 'errors',
  },
  {
    id: 'errors.goes-on',
    level: 'MUST',
    party: 'server',
    text: 'After an error with `fatal` false a server MUST go on with the connection.',
    file: 'outcomes.md',
    section: 'Errors',
    anchor: 'errors',
  },
  {
    id: 'errors.context-equal',
    level: 'MUST',
    party: 'server',
    text: "Where an error carries `of`, `to`, `call` or `room`, each MUST equal the failed message's `type`, `to`, `call` or `room`.",
    file: 'outcomes.md',
    section: 'Errors',
    anchor: 'errors',
  },
  {
    id: 'errors.context',
    level: 'SHOULD',
    party: 'server',
    text: 'An error about a message SHOULD carry `of`, and `to`, `call` and `room` where the failed message had them as strings.',
    file: 'outcomes.md',
    section: 'Errors',
    anchor: 'errors',
  },
  {
    id: 'errors.close-code',
    level: 'SHOULD',
    party: 'server',
    text: 'A close code that a server sends after a fatal error SHOULD be the one that the table lists for that error. An end without a close code is an end as well.',
    file: 'outcomes.md',
    section: 'Errors',
    anchor: 'errors',
  },
  {
    id: 'errors.client-unknown',
    level: 'MUST',
    party: 'client',
    text: 'A client MUST treat an error code that it does not know by its `fatal` member alone.',
    file: 'outcomes.md',
    section: 'Errors',
    anchor: 'errors',
  },
  {
    id: 'delivery.order',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST deliver the relayed messages of one sender to one receiver within one room in the order in which they were sent.',
    file: 'delivery.md',
    section: 'Delivery',
    anchor: 'delivery',
  },
  {
    id: 'delivery.once',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT deliver an accepted relayed message more than once.',
    file: 'delivery.md',
    section: 'Delivery',
    anchor: 'delivery',
  },
  {
    id: 'delivery.only-sent',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT send a relayed message that the peer in its `from` has not sent to that receiver: it makes up no `hangup` for a peer that has gone.',
    file: 'delivery.md',
    section: 'Delivery',
    anchor: 'delivery',
  },
  {
    id: 'delivery.no-gap',
    level: 'MUST',
    party: 'server',
    text: "A server MUST deliver every relayed message that it accepted, as long as the receiver's connection and membership last.",
    file: 'delivery.md',
    section: 'Delivery',
    anchor: 'delivery',
  },
  {
    id: 'delivery.addressee',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST deliver a relayed message to the peer named in `to` and to nobody else.',
    file: 'delivery.md',
    section: 'Delivery',
    anchor: 'delivery',
  },
  {
    id: 'delivery.in-time',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST deliver an accepted relayed message within 5 s while its receiver keeps reading.',
    file: 'delivery.md',
    section: 'Delivery',
    anchor: 'delivery',
  },
  {
    id: 'delivery.sender-gone',
    level: 'MUST NOT',
    party: 'server',
    text: "The end of the sender's connection or membership MUST NOT take back what was accepted from it before: it is delivered, and `peer-left` follows it.",
    file: 'delivery.md',
    section: 'Delivery',
    anchor: 'delivery',
  },
  {
    id: 'delivery.slow-receiver',
    level: 'MUST NOT',
    party: 'server',
    text: "A server MUST NOT drop single messages for a receiver that is too slow; it may end that receiver's connection, with the fatal error `too-slow` if it can still be sent.",
    file: 'delivery.md',
    section: 'Delivery',
    anchor: 'delivery',
  },
  {
    id: 'delivery.slow-alone',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT let a receiver that does not read hold up other clients than those that send to it: meanwhile it goes on answering them, and delivering what they send each other.',
    file: 'delivery.md',
    section: 'Delivery',
    anchor: 'delivery',
  },
  {
    id: 'delivery.rate',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT refuse one relayed message for its rate and accept a later one from the same connection; to slow a sender down it stops reading, or ends the connection with the fatal error `rate-limited`.',
    file: 'delivery.md',
    section: 'Delivery',
    anchor: 'delivery',
  },
  {
    id: 'delivery.rate-single',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT send `rate-limited` with `fatal` false for other messages than `join` and `auth` in Core, and such an error carries `retryAfterMs`.',
    file: 'delivery.md',
    section: 'Delivery',
    anchor: 'delivery',
  },
  {
    id: 'delivery.burst',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server that announces `limits.rate` MUST NOT refuse a message or end a connection for its rate while the client keeps within it: `burst` messages in one go, and `perSecond` more with every second that passes, up to `burst` at a time.',
    file: 'delivery.md',
    section: 'Delivery',
    anchor: 'delivery',
  },
  {
    id: 'rooms.states',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST do with each message of a client that names a room, in each state of the machine _membership_ of that client and room, what its transition says, however often it has come and gone before.',
    file: 'rooms.md',
    section: 'Rooms',
    anchor: 'rooms',
  },
  {
    id: 'rooms.name',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST accept room names of 1 to 128 characters of printable ASCII and compare them exactly; other names are `bad-message`.',
    file: 'rooms.md',
    section: 'Joining',
    anchor: 'joining',
  },
  {
    id: 'rooms.joined',
    level: 'MUST',
    party: 'server',
    text: "A server MUST answer a `join` that it accepts with `joined`, whose `self` names the joining peer's own id and its `data` if it gave any.",
    file: 'rooms.md',
    section: 'Joining',
    anchor: 'joining',
  },
  {
    id: 'rooms.members',
    level: 'MUST',
    party: 'server',
    text: '`joined.members` MUST list every other member of the room at that moment, each once, with its current `data`.',
    file: 'rooms.md',
    section: 'Joining',
    anchor: 'joining',
  },
  {
    id: 'rooms.not-self',
    level: 'MUST NOT',
    party: 'server',
    text: '`joined.members` MUST NOT list the joining peer itself, and a server MUST NOT send a peer presence messages about itself.',
    file: 'rooms.md',
    section: 'Joining',
    anchor: 'joining',
  },
  {
    id: 'rooms.peer-joined',
    level: 'MUST',
    party: 'server',
    text: "When a peer joins, a server MUST send `peer-joined` with that peer's id and `data` to every other member of the room.",
    file: 'rooms.md',
    section: 'Joining',
    anchor: 'joining',
  },
  {
    id: 'rooms.user',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST name in `self`, `member` and `members` as `user` the user as whom that peer is authenticated, and no `user` for a peer that is not.',
    file: 'rooms.md',
    section: 'Joining',
    anchor: 'joining',
  },
  {
    id: 'rooms.total-order',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST order the joins of a room totally: of any two peers whose memberships overlap, exactly one finds the other in the `members` with which its membership begins, and the other gets `peer-joined`.',
    file: 'rooms.md',
    section: 'Joining',
    anchor: 'joining',
  },
  {
    id: 'rooms.offerer',
    level: 'SHOULD',
    party: 'client',
    text: 'Of two members that want a call, the one that found the other in `members` when its membership began SHOULD send the offer.',
    file: 'rooms.md',
    section: 'Joining',
    anchor: 'joining',
  },
  {
    id: 'rooms.rejoin',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a `join` of a room that the peer is already in, and that its grants still let it join, with a fresh `joined`, also where the room is full, and MUST NOT send another `peer-joined` about it.',
    file: 'rooms.md',
    section: 'Joining',
    anchor: 'joining',
  },
  {
    id: 'rooms.rejoin-data',
    level: 'MUST',
    party: 'server',
    text: 'A `join` of a room that the peer is already in MUST change its `data` if it carries `data`, and the others get `peer-updated`; without `data` the old one stays.',
    file: 'rooms.md',
    section: 'Joining',
    anchor: 'joining',
  },
  {
    id: 'rooms.several',
    level: 'MUST',
    party: 'server',
    text: "A server MUST keep a peer's memberships of several rooms apart: joining or leaving one changes nothing in another.",
    file: 'rooms.md',
    section: 'Joining',
    anchor: 'joining',
  },
  {
    id: 'rooms.forbidden',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer the `join` of a peer that has no right to join with `forbidden`, with the same answer whether or not the room exists.',
    file: 'rooms.md',
    section: 'Joining',
    anchor: 'joining',
  },
  {
    id: 'rooms.full',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer the `join` of a peer that may join, where the room has no place left, with `room-full`; a place is free again once a member has left.',
    file: 'rooms.md',
    section: 'Joining',
    anchor: 'joining',
  },
  {
    id: 'rooms.last-place',
    level: 'MUST',
    party: 'server',
    text: 'Of peers that join at the same time for the last place, a server MUST admit exactly one.',
    file: 'rooms.md',
    section: 'Joining',
    anchor: 'joining',
  },
  {
    id: 'rooms.empty',
    level: 'MUST',
    party: 'server',
    text: 'When its last member has left, nothing of a room MUST remain: who joins next finds no members and no earlier `data`.',
    file: 'rooms.md',
    section: 'Joining',
    anchor: 'joining',
  },
  {
    id: 'rooms.joined-first',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST send `joined` before any other message of that membership.',
    file: 'rooms.md',
    section: 'Presence',
    anchor: 'presence',
  },
  {
    id: 'rooms.known-first',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT send a member anything from a peer that has not been made known to it by `members` or `peer-joined` in that membership.',
    file: 'rooms.md',
    section: 'Presence',
    anchor: 'presence',
  },
  {
    id: 'rooms.left-last',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST deliver everything accepted from a peer before the `peer-left` about it, and nothing from it after, unless it joins again.',
    file: 'rooms.md',
    section: 'Presence',
    anchor: 'presence',
  },
  {
    id: 'rooms.after-left',
    level: 'MUST NOT',
    party: 'server',
    text: 'After `left` a server MUST NOT send that peer a presence or relayed message of that room, unless it joins again.',
    file: 'rooms.md',
    section: 'Presence',
    anchor: 'presence',
  },
  {
    id: 'rooms.outsiders',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT send presence or relayed messages of a room to a peer that is not a member of it.',
    file: 'rooms.md',
    section: 'Presence',
    anchor: 'presence',
  },
  {
    id: 'rooms.revision',
    level: 'MUST',
    party: 'server',
    text: '`revision` MUST grow by exactly 1 from `joined` to the first presence message of that room after it, and from each presence message to the next, until the next `joined` or the end of the membership.',
    file: 'rooms.md',
    section: 'Presence',
    anchor: 'presence',
  },
  {
    id: 'rooms.update',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST accept `update` from a member, whether or not it may send relayed messages there, and send `peer-updated` with the new `data` to every other member.',
    file: 'rooms.md',
    section: 'Presence',
    anchor: 'presence',
  },
  {
    id: 'rooms.equal-data',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST send `peer-updated` to every other member for each `update` that it accepts, and for each `join` of a room that the peer is already in and that carries `data`, also where that `data` equals what it was.',
    file: 'rooms.md',
    section: 'Presence',
    anchor: 'presence',
  },
  {
    id: 'rooms.updated-in-order',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST send a member the `peer-updated` of an `update` that it accepts before the relayed messages that the same peer sends to that member in that room after the `update`.',
    file: 'rooms.md',
    section: 'Presence',
    anchor: 'presence',
  },
  {
    id: 'rooms.update-not-in-room',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer `update` for a room that the sender is not in with `not-in-room`.',
    file: 'rooms.md',
    section: 'Presence',
    anchor: 'presence',
  },
  {
    id: 'rooms.leave',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer `leave` with `left`, reason `leave`, and send `peer-left` with reason `leave` to the other members.',
    file: 'rooms.md',
    section: 'Leaving',
    anchor: 'leaving',
  },
  {
    id: 'rooms.leave-not-in-room',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer `leave` for a room that the sender is not in with `not-in-room`.',
    file: 'rooms.md',
    section: 'Leaving',
    anchor: 'leaving',
  },
  {
    id: 'rooms.unasked-left',
    level: 'MAY',
    party: 'server',
    text: 'A server MAY end a membership by itself with `left` and a reason; the others get `peer-left` with the same reason.',
    file: 'rooms.md',
    section: 'Leaving',
    anchor: 'leaving',
  },
  {
    id: 'rooms.bye',
    level: 'MUST',
    party: 'server',
    text: 'When a member says `bye`, a server MUST send `peer-left` with reason `bye` to the other members of each of its rooms.',
    file: 'rooms.md',
    section: 'Leaving',
    anchor: 'leaving',
  },
  {
    id: 'rooms.lost',
    level: 'MUST',
    party: 'server',
    text: "When a member's connection ends otherwise than by `bye`, `replaced`, `token-expired` or `kicked`, a server MUST send `peer-left` with reason `lost` to the other members of each of its rooms, within 5 s of the end reaching the server.",
    file: 'rooms.md',
    section: 'Leaving',
    anchor: 'leaving',
  },
  {
    id: 'rooms.ended',
    level: 'MUST',
    party: 'server',
    text: "When a server ends a member's connection with `token-expired` or `kicked`, it MUST send `peer-left` with reason `expired` or `kicked` to the other members of each of its rooms.",
    file: 'rooms.md',
    section: 'Leaving',
    anchor: 'leaving',
  },
  {
    id: 'rooms.left-once',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST send each remaining member exactly one `peer-left` for each membership that ends.',
    file: 'rooms.md',
    section: 'Leaving',
    anchor: 'leaving',
  },
  {
    id: 'relay.delivered',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST deliver every valid `offer`, `answer`, `candidate` and `hangup` from a member of `room` that may send there to the other member named in `to`.',
    file: 'negotiation.md',
    section: 'What the server does',
    anchor: 'what-the-server-does',
  },
  {
    id: 'relay.not-in-room',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a relayed message whose sender is not a member of `room` with `not-in-room`, and MUST NOT deliver it.',
    file: 'negotiation.md',
    section: 'What the server does',
    anchor: 'what-the-server-does',
  },
  {
    id: 'relay.peer-not-found',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a relayed message whose sender is a member of `room` and whose `to` is not, with `peer-not-found`, and MUST NOT deliver it; the sender itself as `to` counts as not found.',
    file: 'negotiation.md',
    section: 'What the server does',
    anchor: 'what-the-server-does',
  },
  {
    id: 'relay.no-oracle',
    level: 'MUST',
    party: 'server',
    text: 'The answer to a relayed message whose receiver is not in the room MUST be the same, apart from what it repeats of the failed message, whether that peer is connected elsewhere, was connected once, or never existed.',
    file: 'negotiation.md',
    section: 'What the server does',
    anchor: 'what-the-server-does',
  },
  {
    id: 'relay.forbidden',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a relayed message of a member that has no right to send in that room with `forbidden`, and MUST NOT deliver it.',
    file: 'negotiation.md',
    section: 'What the server does',
    anchor: 'what-the-server-does',
  },
  {
    id: 'relay.no-call-state',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT refuse a relayed message because of what was or was not sent before in its call: an `answer` without an offer, a `candidate` before any description, a `hangup` of an unknown call are delivered.',
    file: 'negotiation.md',
    section: 'What the server does',
    anchor: 'what-the-server-does',
  },
  {
    id: 'relay.unread',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT refuse, hold back or change a relayed message because of what its `sdp` or `candidate` contains, as long as its shape is valid.',
    file: 'negotiation.md',
    section: 'What the server does',
    anchor: 'what-the-server-does',
  },
  {
    id: 'call.id',
    level: 'MUST',
    party: 'client',
    text: 'The caller MUST draw a new call id of 128 random bits, written as 32 lower-case hexadecimal digits, for each call.',
    file: 'negotiation.md',
    section: 'Calls',
    anchor: 'calls',
  },
  {
    id: 'call.key',
    level: 'MUST',
    party: 'client',
    text: 'An endpoint MUST tell calls apart by room, remote peer and call id together.',
    file: 'negotiation.md',
    section: 'Calls',
    anchor: 'calls',
  },
  {
    id: 'call.several',
    level: 'MUST',
    party: 'client',
    text: 'An endpoint MUST be ready to hold several calls with the same peer at the same time.',
    file: 'negotiation.md',
    section: 'Calls',
    anchor: 'calls',
  },
  {
    id: 'call.in-order',
    level: 'MUST',
    party: 'client',
    text: 'An endpoint MUST apply the descriptions and candidates of one call in the order in which they arrive, each only when the one before has been applied, held or ignored.',
    file: 'negotiation.md',
    section: 'Calls',
    anchor: 'calls',
  },
  {
    id: 'call.ends',
    level: 'MUST',
    party: 'client',
    text: "A call MUST be ended by both endpoints when either sends `hangup`, and by each endpoint whose membership, or whose peer's membership, of the room ends.",
    file: 'negotiation.md',
    section: 'Calls',
    anchor: 'calls',
  },
  {
    id: 'call.after-hangup',
    level: 'MUST',
    party: 'client',
    text: 'After a `hangup` sent or received an endpoint MUST ignore what still arrives for that call, and MUST NOT use its id again.',
    file: 'negotiation.md',
    section: 'Calls',
    anchor: 'calls',
  },
  {
    id: 'call.unknown-hangup',
    level: 'MUST',
    party: 'client',
    text: 'An endpoint MUST ignore a `hangup` for a call that it does not know.',
    file: 'negotiation.md',
    section: 'Calls',
    anchor: 'calls',
  },
  {
    id: 'call.unknown',
    level: 'MUST',
    party: 'client',
    text: 'An endpoint MUST ignore an `answer`, a `candidate`, and an `offer` with another number than 1, for a call that it does not know.',
    file: 'negotiation.md',
    section: 'Calls',
    anchor: 'calls',
  },
  {
    id: 'call.reason',
    level: 'MUST',
    party: 'client',
    text: '`hangup.reason` MUST be `normal`, `glare`, `incompatible`, `failed`, `timeout`, or a reverse-domain name.',
    file: 'negotiation.md',
    section: 'Calls',
    anchor: 'calls',
  },
  {
    id: 'call.reject',
    level: 'MUST',
    party: 'client',
    text: 'A callee that cannot or does not want to answer a first offer MUST say `hangup`, so that the caller need not wait: `incompatible` when the description cannot be applied, otherwise `normal` or a reverse-domain name.',
    file: 'negotiation.md',
    section: 'Calls',
    anchor: 'calls',
  },
  {
    id: 'call.broken',
    level: 'MAY',
    party: 'client',
    text: 'An endpoint MAY say `hangup` with reason `failed` when its peer breaks a rule of this chapter.',
    file: 'negotiation.md',
    section: 'Calls',
    anchor: 'calls',
  },
  {
    id: 'call.states',
    level: 'MUST',
    party: 'client',
    text: 'An endpoint MUST do with each message of a call, in each state of the machine _negotiation_, what its transition says.',
    file: 'negotiation.md',
    section: 'Calls',
    anchor: 'calls',
  },
  {
    id: 'negotiation.parity',
    level: 'MUST',
    party: 'client',
    text: "The numbers of the caller's offers MUST be odd, those of the callee's offers even.",
    file: 'negotiation.md',
    section: 'Numbers',
    anchor: 'numbers',
  },
  {
    id: 'negotiation.grows',
    level: 'MUST',
    party: 'client',
    text: 'The number of an offer MUST be greater than every number that its sender has sent or seen in that call; the first is 1.',
    file: 'negotiation.md',
    section: 'Numbers',
    anchor: 'numbers',
  },
  {
    id: 'negotiation.one-pending',
    level: 'MUST NOT',
    party: 'client',
    text: 'An endpoint MUST NOT send an offer in a call while an earlier one of its own there is unanswered, or while it has received one there that it has neither answered nor ignored.',
    file: 'negotiation.md',
    section: 'Numbers',
    anchor: 'numbers',
  },
  {
    id: 'negotiation.answer',
    level: 'MUST',
    party: 'client',
    text: 'An answer MUST carry the number of the offer that it answers.',
    file: 'negotiation.md',
    section: 'Numbers',
    anchor: 'numbers',
  },
  {
    id: 'negotiation.stale-answer',
    level: 'MUST',
    party: 'client',
    text: 'An endpoint MUST ignore an answer whose number is not that of its pending offer: the one that it has sent, and that is neither answered nor rolled back.',
    file: 'negotiation.md',
    section: 'Numbers',
    anchor: 'numbers',
  },
  {
    id: 'negotiation.final-only',
    level: 'MUST NOT',
    party: 'client',
    text: 'Endpoints MUST NOT send descriptions of type `pranswer` or `rollback`.',
    file: 'negotiation.md',
    section: 'Numbers',
    anchor: 'numbers',
  },
  {
    id: 'candidate.after-description',
    level: 'MUST',
    party: 'client',
    text: 'An endpoint MUST send a description before the candidates gathered for it.',
    file: 'negotiation.md',
    section: 'Candidates',
    anchor: 'candidates',
  },
  {
    id: 'candidate.number',
    level: 'MUST',
    party: 'client',
    text: 'A candidate MUST carry the number of the last description that its sender has sent in that call.',
    file: 'negotiation.md',
    section: 'Candidates',
    anchor: 'candidates',
  },
  {
    id: 'candidate.ufrag',
    level: 'MUST',
    party: 'client',
    text: '`candidate.usernameFragment` MUST be the `ice-ufrag` of the ICE session for which the candidate was gathered (RFC 8839, section 5.4), also for the end of candidates.',
    file: 'negotiation.md',
    section: 'Candidates',
    anchor: 'candidates',
  },
  {
    id: 'candidate.section',
    level: 'MUST',
    party: 'client',
    text: 'A candidate that is not the end of candidates MUST carry an `sdpMid` or an `sdpMLineIndex` that is not null.',
    file: 'negotiation.md',
    section: 'Candidates',
    anchor: 'candidates',
  },
  {
    id: 'candidate.end',
    level: 'MUST',
    party: 'client',
    text: 'An endpoint that has gathered all its candidates MUST say so with a candidate whose `candidate` is the empty string; without `sdpMid` and `sdpMLineIndex` it speaks for every m-section.',
    file: 'negotiation.md',
    section: 'Candidates',
    anchor: 'candidates',
  },
  {
    id: 'candidate.hold',
    level: 'MUST',
    party: 'client',
    text: 'An endpoint MUST keep a candidate until the description with its number has been applied or ignored.',
    file: 'negotiation.md',
    section: 'Candidates',
    anchor: 'candidates',
  },
  {
    id: 'candidate.add',
    level: 'MUST',
    party: 'client',
    text: 'Once that description has been applied or ignored, an endpoint MUST add the candidate if its `usernameFragment` stands in the current or the pending remote description, and otherwise discard it silently.',
    file: 'negotiation.md',
    section: 'Candidates',
    anchor: 'candidates',
  },
  {
    id: 'candidate.outlives-round',
    level: 'MUST NOT',
    party: 'client',
    text: 'An endpoint MUST NOT discard candidates only because a round of offer and answer has ended.',
    file: 'negotiation.md',
    section: 'Candidates',
    anchor: 'candidates',
  },
  {
    id: 'glare.caller',
    level: 'MUST',
    party: 'client',
    text: 'A caller that receives an offer while its own is pending MUST ignore that offer. Candidates that carry its number fall under [candidate.add]: those of the ICE session in use are still added.',
    file: 'negotiation.md',
    section: 'Glare inside a call',
    anchor: 'glare-inside-a-call',
  },
  {
    id: 'glare.callee',
    level: 'MUST',
    party: 'client',
    text: 'A callee that receives an offer while its own is pending MUST roll its own back, answer the received one, and offer again afterwards if it still needs to.',
    file: 'negotiation.md',
    section: 'Glare inside a call',
    anchor: 'glare-inside-a-call',
  },
  {
    id: 'glare.two-calls',
    level: 'MUST',
    party: 'client',
    text: 'Two first offers of the same two peers in the same room with the same `label` (an absent one equals an absent one), both unanswered, MUST be settled in favour of the lower call id, compared as strings: its receiver ends its own call and goes on with the other as the callee.',
    file: 'negotiation.md',
    section: 'Glare of two calls',
    anchor: 'glare-of-two-calls',
  },
  {
    id: 'glare.hangup',
    level: 'MUST',
    party: 'client',
    text: 'Both endpoints MUST say `hangup`, reason `glare`, for the call that is given up, each as soon as it sees the two offers.',
    file: 'negotiation.md',
    section: 'Glare of two calls',
    anchor: 'glare-of-two-calls',
  },
  {
    id: 'glare.only-first',
    level: 'MUST NOT',
    party: 'client',
    text: 'Two calls of the same peers MUST NOT be taken for glare when their labels differ, or when one of them has been answered.',
    file: 'negotiation.md',
    section: 'Glare of two calls',
    anchor: 'glare-of-two-calls',
  },
  {
    id: 'glare.one-at-a-time',
    level: 'MUST NOT',
    party: 'client',
    text: 'An endpoint MUST NOT send a first offer to a peer while another first offer between the two, sent or received, in the same room and with the same `label`, is unanswered; it answers or ends that one first.',
    file: 'negotiation.md',
    section: 'Glare of two calls',
    anchor: 'glare-of-two-calls',
  },
  {
    id: 'renegotiation.either',
    level: 'MUST',
    party: 'client',
    text: 'An endpoint of an established call MUST answer every offer that it does not ignore under [glare.caller], or say `hangup` with reason `incompatible` if it cannot.',
    file: 'negotiation.md',
    section: 'Renegotiation, ICE restart, removal',
    anchor: 'renegotiation-ice-restart-removal',
  },
  {
    id: 'renegotiation.restart',
    level: 'MUST',
    party: 'client',
    text: 'An endpoint that wants an ICE restart MUST send an offer with new ICE credentials; the answer carries new ones too, and candidates of the old session are discarded by their `usernameFragment`.',
    file: 'negotiation.md',
    section: 'Renegotiation, ICE restart, removal',
    anchor: 'renegotiation-ice-restart-removal',
  },
  {
    id: 'renegotiation.restart-alive',
    level: 'MUST',
    party: 'client',
    text: 'Endpoints MUST keep using the old ICE session until the new one has connected.',
    file: 'negotiation.md',
    section: 'Renegotiation, ICE restart, removal',
    anchor: 'renegotiation-ice-restart-removal',
  },
  {
    id: 'renegotiation.remove',
    level: 'MUST',
    party: 'client',
    text: 'An endpoint that removes a track or changes its direction MUST send an offer that says so; the call goes on, with no media left if need be, until `hangup`.',
    file: 'negotiation.md',
    section: 'Renegotiation, ICE restart, removal',
    anchor: 'renegotiation-ice-restart-removal',
  },
  {
    id: 'auth.required',
    level: 'MUST',
    party: 'server',
    text: 'Where `welcome.auth` is not empty and `welcome` carries no `user`, a server MUST answer every message but `hello`, `auth`, `ping` and `bye` with `unauthenticated` until the client has authenticated.',
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'auth.none',
    level: 'MUST NOT',
    party: 'server',
    text: 'Where `welcome.auth` is empty a server MUST NOT answer any message with `unauthenticated`.',
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'auth.wait',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST wait for a client to authenticate for at least 10 s after `welcome`, and MUST NOT end a connection for want of an authentication that it has, or does not need.',
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'auth.timeout',
    level: 'SHOULD',
    party: 'server',
    text: 'A server SHOULD end a connection that does not authenticate where it must, with the fatal error `auth-timeout`.',
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'auth.token',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer an `auth` with a method that it listed and a valid token with `authenticated`, naming the user.',
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'auth.failed',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer an `auth` with a token that is not valid, or a method that it did not list, with `auth-failed`.',
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'auth.third-failure',
    level: 'MUST NOT',
    party: 'server',
    text: 'The first two `auth-failed` of a connection MUST NOT be fatal; the third MUST be, whatever succeeded in between.',
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'auth.not-echoed',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT send a token, or part of one, back in any message.',
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'auth.failure-keeps',
    level: 'MUST',
    party: 'server',
    text: 'An `auth` that fails on an authenticated connection, other than the third, MUST leave the old authentication in force.',
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'auth.refresh',
    level: 'MUST',
    party: 'server',
    text: 'An `auth` of the same user on an authenticated connection MUST be answered with `authenticated`, whose `grants` and `expiresInMs` take the place of the earlier ones; memberships that the new grants allow go on.',
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'auth.user-mismatch',
    level: 'MUST',
    party: 'server',
    text: "A server MUST answer an `auth` whose token is another user's, on an authenticated connection, with `user-mismatch`, and the old authentication stays.",
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'auth.grants',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST refuse with `forbidden` a `join`, or a relayed message that names a room, which `authenticated.grants` does not allow, and MUST NOT refuse with `forbidden` what they allow, save for [limits.rooms].',
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'auth.expiry',
    level: 'MUST',
    party: 'server',
    text: 'When `expiresInMs` have passed without a refresh, and not before, a server MUST end the connection within 5 s with the fatal error `token-expired`.',
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'auth.unsupported',
    level: 'MAY',
    party: 'server',
    text: 'A server whose `welcome.auth` is empty MAY answer `auth` with `unsupported-type` instead of `auth-failed`.',
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'auth.not-in-url',
    level: 'MUST NOT',
    party: 'client',
    text: 'A client MUST NOT put a token into a URL.',
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'auth.refresh-early',
    level: 'SHOULD',
    party: 'client',
    text: 'A client whose authentication ends SHOULD send `auth` with a fresh token before `expiresInMs` have passed.',
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'auth.not-logged',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT write tokens or session secrets to its logs.',
    file: 'authentication.md',
    section: 'Authentication',
    anchor: 'authentication',
  },
  {
    id: 'limits.accept-size',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST accept a message of exactly `limits.messageBytes` bytes, whatever its type, where no other announced limit is broken by it.',
    file: 'limits.md',
    section: 'Limits',
    anchor: 'limits',
  },
  {
    id: 'limits.refuse-size',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a message of more than `limits.messageBytes` bytes with `too-large`, or end the connection; it MUST NOT deliver it.',
    file: 'limits.md',
    section: 'Limits',
    anchor: 'limits',
  },
  {
    id: 'limits.size-in-bytes',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST measure a message in bytes of UTF-8, not in characters.',
    file: 'limits.md',
    section: 'Limits',
    anchor: 'limits',
  },
  {
    id: 'limits.enforced',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST refuse what exceeds `membersPerRoom`, `roomsPerPeer` or `dataBytes`, where it announces them, with the error that the table names. (For the other limits: [limits.refuse-size], [connection.idle-timeout], [delivery.rate].)',
    file: 'limits.md',
    section: 'Limits',
    anchor: 'limits',
  },
  {
    id: 'limits.honoured',
    level: 'MUST NOT',
    party: 'server',
    text: "A server MUST NOT refuse for a limit's sake what stays within every limit that it announces, save a `join` or `auth` that comes too often ([delivery.rate-single]), an `invite` ([ring.rate]) or a `find` ([find.rate]).",
    file: 'limits.md',
    section: 'Limits',
    anchor: 'limits',
  },
  {
    id: 'limits.data',
    level: 'MUST',
    party: 'server',
    text: 'Where `limits.dataBytes` is announced, a server MUST accept `data` of exactly that size and answer larger `data` with `too-large`.',
    file: 'limits.md',
    section: 'Limits',
    anchor: 'limits',
  },
  {
    id: 'limits.rooms',
    level: 'MUST',
    party: 'server',
    text: 'Where `limits.roomsPerPeer` is announced, a server MUST admit a peer to that many rooms and answer one `join` more with `forbidden`.',
    file: 'limits.md',
    section: 'Limits',
    anchor: 'limits',
  },
  {
    id: 'limits.client',
    level: 'MUST',
    party: 'client',
    text: 'A client MUST keep within the limits that `welcome` announces, and MUST accept frames larger than `messageBytes`.',
    file: 'limits.md',
    section: 'Limits',
    anchor: 'limits',
  },
  {
    id: 'drain.as-core',
    level: 'MUST',
    party: 'server',
    text: 'Until it sends `goaway` on a connection, a server MUST treat a connection on which `drain` is in force as one on which it is not.',
    file: 'drain.md',
    section: 'Drain',
    anchor: 'drain',
  },
  {
    id: 'drain.goaway',
    level: 'MUST',
    party: 'server',
    text: 'A server that begins to drain MUST send `goaway` on every connection on which `drain` is in force and that it has welcomed, with the time until it ends the connection in `inMs`.',
    file: 'drain.md',
    section: 'Drain',
    anchor: 'drain',
  },
  {
    id: 'drain.newcomer',
    level: 'MUST',
    party: 'server',
    text: 'A server that drains MUST send `goaway` after `welcome` on a connection that it welcomes meanwhile and on which `drain` is in force. It may welcome nobody.',
    file: 'drain.md',
    section: 'Drain',
    anchor: 'drain',
  },
  {
    id: 'drain.joins',
    level: 'MUST',
    party: 'server',
    text: 'After `goaway` a server MUST answer a `join` of a room that the peer is not a member of with `draining`, where it would otherwise accept it.',
    file: 'drain.md',
    section: 'Drain',
    anchor: 'drain',
  },
  {
    id: 'drain.under-way',
    level: 'MUST',
    party: 'server',
    text: 'After `goaway` a server MUST go on with everything else as before until the connection ends: relayed messages, `update`, `leave`, presence, the `join` of a room that the peer is a member of.',
    file: 'drain.md',
    section: 'Drain',
    anchor: 'drain',
  },
  {
    id: 'drain.not-before',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT end a connection for its draining before `inMs` of the last `goaway` on it have passed, as long as its peer is a member of a room. An operator who cannot wait may cut that short.',
    file: 'drain.md',
    section: 'Drain',
    anchor: 'drain',
  },
  {
    id: 'drain.ends',
    level: 'SHOULD',
    party: 'server',
    text: 'A server that has sent `goaway` SHOULD end the connection within 5 s after `inMs` have passed, as its binding says of a server that shuts down ([websocket.draining-code]).',
    file: 'drain.md',
    section: 'Drain',
    anchor: 'drain',
  },
  {
    id: 'drain.again',
    level: 'MAY',
    party: 'server',
    text: 'A server MAY send `goaway` again; the last one holds.',
    file: 'drain.md',
    section: 'Drain',
    anchor: 'drain',
  },
  {
    id: 'drain.untold',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT answer with `draining` on a connection on which `drain` is not in force.',
    file: 'drain.md',
    section: 'Drain',
    anchor: 'drain',
  },
  {
    id: 'drain.move',
    level: 'SHOULD',
    party: 'client',
    text: 'On `goaway` a client SHOULD connect again, to `url` where there is one and otherwise to the address that it has used, after a random part of `inMs`, and begin there what is new.',
    file: 'drain.md',
    section: 'Drain',
    anchor: 'drain',
  },
  {
    id: 'drain.stay',
    level: 'SHOULD',
    party: 'client',
    text: 'On `goaway` a client SHOULD keep the connection while something is under way on it, and say `bye` when nothing is.',
    file: 'drain.md',
    section: 'Drain',
    anchor: 'drain',
  },
  {
    id: 'drain.url-trust',
    level: 'MUST NOT',
    party: 'client',
    text: 'A client MUST NOT follow a `url` from a secure address to one that is not, such as from `wss:` to `ws:`, and MUST NOT send a token to a host for which the token was not meant.',
    file: 'drain.md',
    section: 'Drain',
    anchor: 'drain',
  },
  {
    id: 'ice.reply',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer `get-ice-servers` with `ice-servers`, or with `ice-unavailable` where it has none to give at present. It may ask so again at any time.',
    file: 'ice-servers.md',
    section: 'ICE servers',
    anchor: 'ice-servers',
  },
  {
    id: 'ice.accepted',
    level: 'MUST',
    party: 'server',
    text: 'Every TURN server that `ice-servers` names MUST accept the `username` and `credential` beside its URL for a new allocation until `expiresInMs` have passed.',
    file: 'ice-servers.md',
    section: 'ICE servers',
    anchor: 'ice-servers',
  },
  {
    id: 'ice.renewed',
    level: 'MUST',
    party: 'server',
    text: 'Before `expiresInMs` of the last `ice-servers` have passed, a server that goes on giving them MUST send the next `ice-servers` on that connection unasked, as long as the connection goes on.',
    file: 'ice-servers.md',
    section: 'ICE servers',
    anchor: 'ice-servers',
  },
  {
    id: 'ice.overlap',
    level: 'SHOULD',
    party: 'server',
    text: 'A server SHOULD send it while at least a tenth of the time of `expiresInMs` is left.',
    file: 'ice-servers.md',
    section: 'ICE servers',
    anchor: 'ice-servers',
  },
  {
    id: 'ice.only-asked',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT send `ice-servers` on a connection on which `get-ice-servers` has not come.',
    file: 'ice-servers.md',
    section: 'ICE servers',
    anchor: 'ice-servers',
  },
  {
    id: 'ice.no-secret',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT put the session secret of a client, or a token, into `username` or `credential`.',
    file: 'ice-servers.md',
    section: 'ICE servers',
    anchor: 'ice-servers',
  },
  {
    id: 'ice.own',
    level: 'SHOULD',
    party: 'server',
    text: 'A server whose credentials end SHOULD give different users, and where nobody authenticates different peers, different usernames.',
    file: 'ice-servers.md',
    section: 'ICE servers',
    anchor: 'ice-servers',
  },
  {
    id: 'ice.hand-over',
    level: 'SHOULD',
    party: 'client',
    text: 'A client SHOULD hand the list to its peer connections as it is, and leave out a URL of a scheme or transport that it does not know.',
    file: 'ice-servers.md',
    section: 'ICE servers',
    anchor: 'ice-servers',
  },
  {
    id: 'ice.renew',
    level: 'SHOULD',
    party: 'client',
    text: 'On a new `ice-servers` a client SHOULD hand the list to the peer connections that it has, by `setConfiguration`, and restart ICE on those that use a relay, before the earlier credentials end.',
    file: 'ice-servers.md',
    section: 'ICE servers',
    anchor: 'ice-servers',
  },
  {
    id: 'ice.keep',
    level: 'MUST NOT',
    party: 'client',
    text: 'A client MUST NOT show the credentials to other peers, and SHOULD NOT write them to its logs.',
    file: 'ice-servers.md',
    section: 'ICE servers',
    anchor: 'ice-servers',
  },
  {
    id: 'ring.states',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST do with each message about a call, in each state of the machine _call_, what its transition says, for each call by itself.',
    file: 'calls.md',
    section: 'Calls',
    anchor: 'calls',
  },
  {
    id: 'ring.client-states',
    level: 'MUST',
    party: 'client',
    text: 'The caller of a call MUST follow the machine _calling_, and an endpoint that rings the machine _rung_.',
    file: 'calls.md',
    section: 'Calls',
    anchor: 'calls',
  },
  {
    id: 'ring.invited',
    level: 'MUST',
    party: 'server',
    text: 'A server that accepts an `invite` MUST send `invite` once to each endpoint: the peer that `callee` names, or each peer that is authenticated as the user that it names, for which `calls` is in force, that has authenticated where it has to, and that has fewer than `callsPerPeer` calls, but never the sender itself.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.only-endpoints',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT send anything of a call to a peer that is not a party of it.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.caller',
    level: 'MUST',
    party: 'server',
    text: '`caller` MUST be the peer that has sent the `invite`, with `user` exactly where it is authenticated.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.carried',
    level: 'MUST',
    party: 'server',
    text: '`call`, `label` and `data` MUST arrive with the values that were sent, and be absent where they were.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.data',
    level: 'MUST',
    party: 'server',
    text: 'Where `limits.dataBytes` is announced, a server MUST accept an `invite` whose `data` has exactly that size and answer larger `data` with `too-large`.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.outcome-first',
    level: 'MUST',
    party: 'server',
    text: 'The outcome of an `invite` MUST be sent before anything else of its call.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.ringing',
    level: 'MUST',
    party: 'server',
    text: 'When the first endpoint of a call that rings says `ringing`, the server MUST send `ringing` to the caller, and MUST NOT do so again in that call.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.hidden',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT tell the caller, before `accept`, which endpoints ring or how many.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.accept',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST give a call to the first endpoint that accepts while it rings, and to no other: the caller is sent `accept` with that peer as `callee` (and its `user` exactly where it is authenticated), every other endpoint that still rings `cancel` with reason `answered-elsewhere`.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.decline',
    level: 'MUST',
    party: 'server',
    text: 'When an endpoint sends `reject` with another reason than `busy` while the call rings, the server MUST end the call: the caller is sent `reject` with that reason, every other endpoint that still rings `cancel` with reason `declined-elsewhere`.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.busy',
    level: 'MUST',
    party: 'server',
    text: 'When an endpoint sends `reject` with reason `busy` while the call rings, the server MUST let the others go on ringing; if it was the last one the server MUST send the caller `reject` with reason `busy`.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.endpoint-lost',
    level: 'MUST',
    party: 'server',
    text: 'An endpoint whose connection ends while it rings MUST be treated like one that is busy, with the reason `lost`.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.cancel',
    level: 'MUST',
    party: 'server',
    text: 'When the caller sends `cancel` while the call rings, the server MUST send `cancel` with the same reason to every endpoint that still rings.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.caller-lost',
    level: 'MUST',
    party: 'server',
    text: 'When the connection of the caller ends while the call rings, the server MUST send `cancel` with reason `lost` to every endpoint that still rings.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.timeout',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST end a call that rings when its time is over, within 5 s and not before: the caller is sent `reject` and every endpoint that still rings `cancel`, with reason `timeout`. The time is `ringSeconds` of the `invite`, but no more than `ringSeconds` of the capability, which also holds where the `invite` names none.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.last',
    level: 'MUST NOT',
    party: 'server',
    text: 'After the message that ends a call for a party (`reject` to the caller, `cancel` to an endpoint, `hangup`, `call-ended`, or the outcome of its own message that does) the server MUST NOT send that party anything of the call but the outcomes of what it sends itself.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.crossed',
    level: 'MUST',
    party: 'server',
    text: 'Of an `accept` and a `cancel` that cross exactly one MUST take effect; the `accept` that comes too late is answered with `call-ended`, the `cancel` that does with `call-state`.',
    file: 'calls.md',
    section: 'Ringing',
    anchor: 'ringing',
  },
  {
    id: 'ring.glare',
    level: 'MUST',
    party: 'server',
    text: 'Of two calls that cross the server MUST let the one with the lower id ring on, compared as strings, and end the other: its caller is sent `reject`, and every endpoint that rings for it `cancel`, both with reason `glare`. An `invite` that loses on arrival to one of the calls that it crosses is accepted first, rings nowhere, and ends none of the others.',
    file: 'calls.md',
    section: 'Two who call each other',
    anchor: 'two-who-call-each-other',
  },
  {
    id: 'ring.unavailable',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer an `invite` that would ring nowhere with `user-unavailable`: the peer or user is unknown, is not connected, has no connection with `calls` in force, has still to authenticate, is the sender itself and nobody else, has `callsPerPeer` calls already, or is not to be invited by this sender.',
    file: 'calls.md',
    section: 'Who can be reached',
    anchor: 'who-can-be-reached',
  },
  {
    id: 'ring.no-oracle',
    level: 'MUST',
    party: 'server',
    text: 'That answer MUST be the same, apart from what it repeats of the failed message, whichever of these is the cause.',
    file: 'calls.md',
    section: 'Who can be reached',
    anchor: 'who-can-be-reached',
  },
  {
    id: 'ring.no-timing',
    level: 'SHOULD NOT',
    party: 'server',
    text: 'The time that the answer takes SHOULD NOT tell the causes apart.',
    file: 'calls.md',
    section: 'Who can be reached',
    anchor: 'who-can-be-reached',
  },
  {
    id: 'ring.members',
    level: 'SHOULD',
    party: 'server',
    text: 'A server SHOULD accept the `invite` of a member of a room, in which it may send, for another member, by its peer id and by its user. Whom else it lets invite is up to its operator.',
    file: 'calls.md',
    section: 'Who can be reached',
    anchor: 'who-can-be-reached',
  },
  {
    id: 'ring.exists',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer an `invite` with the id of a call that rings or has been accepted with `call-exists`, whoever sends it.',
    file: 'calls.md',
    section: 'Call ids',
    anchor: 'call-ids',
  },
  {
    id: 'ring.reused',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer an `invite` with the id of a call that has ended less than 30 s ago with `call-ended`, whoever sends it.',
    file: 'calls.md',
    section: 'Call ids',
    anchor: 'call-ids',
  },
  {
    id: 'ring.not-found',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer another message for a call in which the sender has, and had, no part with `call-not-found`, whether such a call exists or not.',
    file: 'calls.md',
    section: 'Call ids',
    anchor: 'call-ids',
  },
  {
    id: 'ring.ended',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a message for a call that ended for its sender less than 30 s ago with `call-ended`. After that time it may have forgotten the call, and answer with `call-not-found`.',
    file: 'calls.md',
    section: 'Call ids',
    anchor: 'call-ids',
  },
  {
    id: 'ring.state',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer with `call-state`: `ringing`, `accept` or `reject` of the caller, or of the endpoint that has accepted; `cancel` of an endpoint; `cancel` of the caller once an endpoint has accepted; an `offer`, `answer`, `candidate` or `hangup` without `room` while the call rings.',
    file: 'calls.md',
    section: 'Call ids',
    anchor: 'call-ids',
  },
  {
    id: 'ring.calls-per-peer',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST let a peer have a part in `callsPerPeer` calls at a time, those that ring included, and answer one `invite` more with `forbidden`.',
    file: 'calls.md',
    section: 'Call ids',
    anchor: 'call-ids',
  },
  {
    id: 'ring.rate',
    level: 'MAY',
    party: 'server',
    text: 'A server MAY answer an `invite` that comes too often with `rate-limited`, with `retryAfterMs`.',
    file: 'calls.md',
    section: 'Call ids',
    anchor: 'call-ids',
  },
  {
    id: 'talk.delivered',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST deliver every valid `offer`, `answer`, `candidate` and `hangup` without `room` of a party of a call that has been accepted to the other party, named in `to`.',
    file: 'calls.md',
    section: 'Talking',
    anchor: 'talking',
  },
  {
    id: 'talk.as-in-a-room',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST treat such a message as it treats one in a room whose two members are the parties, in everything that [relay.members], [relay.from], [relay.opaque-sdp], [relay.no-call-state], [relay.unread], [delivery.order], [delivery.once], [delivery.only-sent], [delivery.no-gap], [delivery.addressee] and [delivery.in-time] ask.',
    file: 'calls.md',
    section: 'Talking',
    anchor: 'talking',
  },
  {
    id: 'talk.peer-not-found',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer such a message whose `to` is not the other party with `peer-not-found`, and MUST NOT deliver it.',
    file: 'calls.md',
    section: 'Talking',
    anchor: 'talking',
  },
  {
    id: 'talk.hangup',
    level: 'MUST',
    party: 'server',
    text: 'A `hangup` that is delivered MUST end the call for both parties.',
    file: 'calls.md',
    section: 'Talking',
    anchor: 'talking',
  },
  {
    id: 'talk.lost',
    level: 'MUST',
    party: 'server',
    text: 'When the connection of a party ends, the server MUST send `call-ended` with reason `lost` to the other, after everything that it has accepted from that party in the call.',
    file: 'calls.md',
    section: 'Talking',
    anchor: 'talking',
  },
  {
    id: 'talk.apart-from-rooms',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT end, change or refuse a call because of rooms that its parties join or leave, and MUST carry what names a `room` as in Core, whatever its `call` is.',
    file: 'calls.md',
    section: 'Talking',
    anchor: 'talking',
  },
  {
    id: 'talk.refresh',
    level: 'MUST NOT',
    party: 'server',
    text: 'An `auth` that refreshes the authentication MUST NOT change a call.',
    file: 'calls.md',
    section: 'Talking',
    anchor: 'talking',
  },
  {
    id: 'ring.new-id',
    level: 'MUST',
    party: 'client',
    text: 'The caller MUST draw the call id as [call.id] says, and MUST NOT use it for another call afterwards.',
    file: 'calls.md',
    section: 'Clients',
    anchor: 'clients',
  },
  {
    id: 'ring.alert',
    level: 'SHOULD',
    party: 'client',
    text: 'An endpoint SHOULD send `ringing` when it begins to alert its user.',
    file: 'calls.md',
    section: 'Clients',
    anchor: 'clients',
  },
  {
    id: 'ring.answer',
    level: 'SHOULD',
    party: 'client',
    text: 'An endpoint that cannot take the call, because it talks already or otherwise, SHOULD send `reject` with reason `busy`, and one whose user declines MUST send `reject` with reason `declined` or a reverse-domain name.',
    file: 'calls.md',
    section: 'Clients',
    anchor: 'clients',
  },
  {
    id: 'ring.quiet',
    level: 'MUST',
    party: 'client',
    text: 'An endpoint MUST stop alerting when it reads `cancel` for the call, when its own `accept` or `reject` goes out, and when its connection ends.',
    file: 'calls.md',
    section: 'Clients',
    anchor: 'clients',
  },
  {
    id: 'ring.unknown',
    level: 'MUST',
    party: 'client',
    text: 'A client MUST ignore `ringing`, `accept`, `reject`, `cancel` and `call-ended` for a call that it does not know, or that is over for it.',
    file: 'calls.md',
    section: 'Clients',
    anchor: 'clients',
  },
  {
    id: 'ring.too-late',
    level: 'MUST NOT',
    party: 'client',
    text: 'An endpoint whose `accept` is answered with an error MUST NOT open a connection for the call, and a caller whose `cancel` is answered with `call-state` MUST send `hangup` if it still does not want the call.',
    file: 'calls.md',
    section: 'Clients',
    anchor: 'clients',
  },
  {
    id: 'ring.glare-accept',
    level: 'SHOULD',
    party: 'client',
    text: 'An endpoint whose own call was ended with `glare` SHOULD accept the other call without asking its user again.',
    file: 'calls.md',
    section: 'Clients',
    anchor: 'clients',
  },
  {
    id: 'talk.offer',
    level: 'MUST',
    party: 'client',
    text: 'After `accept` the caller MUST send the first offer of the call; what Negotiation asks of the caller and the callee of a call binds the two, where the call is known by its id alone.',
    file: 'calls.md',
    section: 'Clients',
    anchor: 'clients',
  },
  {
    id: 'talk.end',
    level: 'MUST',
    party: 'client',
    text: 'A call MUST be ended by an endpoint that sends or reads `hangup`, reads `call-ended`, or whose own connection ends, and its peer connection be closed.',
    file: 'calls.md',
    section: 'Clients',
    anchor: 'clients',
  },
  {
    id: 'find.may-join',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT let a client see a room that its grants do not let it join.',
    file: 'discovery.md',
    section: 'Who sees what',
    anchor: 'who-sees-what',
  },
  {
    id: 'find.own-rooms',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST let a client see every room that it is a member of and that its grants let it join.',
    file: 'discovery.md',
    section: 'Who sees what',
    anchor: 'who-sees-what',
  },
  {
    id: 'find.own-user',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST let a client see the user as whom it is authenticated.',
    file: 'discovery.md',
    section: 'Who sees what',
    anchor: 'who-sees-what',
  },
  {
    id: 'find.sight',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST let a client see the same users by `find` and by `watch`.',
    file: 'discovery.md',
    section: 'Who sees what',
    anchor: 'who-sees-what',
  },
  {
    id: 'find.not-by-presence',
    level: 'MUST NOT',
    party: 'server',
    text: 'Whether a client sees a user MUST NOT depend on whether the user is online.',
    file: 'discovery.md',
    section: 'Who sees what',
    anchor: 'who-sees-what',
  },
  {
    id: 'find.reply',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a `find` with `found`, save with `unknown-cursor` ([find.unknown-cursor]) or `rate-limited` ([find.rate]).',
    file: 'discovery.md',
    section: 'Finding',
    anchor: 'finding',
  },
  {
    id: 'find.kind',
    level: 'MUST',
    party: 'server',
    text: 'Every item MUST be of the `kind` that was asked for.',
    file: 'discovery.md',
    section: 'Finding',
    anchor: 'finding',
  },
  {
    id: 'find.present',
    level: 'MUST',
    party: 'server',
    text: 'Every item MUST be a room that has members, or a user that is online, at some moment between the `find` and its `found`.',
    file: 'discovery.md',
    section: 'Finding',
    anchor: 'finding',
  },
  {
    id: 'find.members',
    level: 'MUST',
    party: 'server',
    text: '`members` MUST be the number of members that the room has at such a moment.',
    file: 'discovery.md',
    section: 'Finding',
    anchor: 'finding',
  },
  {
    id: 'find.prefix',
    level: 'MUST',
    party: 'server',
    text: 'The name of every item MUST begin with `prefix`, where there is one, compared exactly.',
    file: 'discovery.md',
    section: 'Finding',
    anchor: 'finding',
  },
  {
    id: 'find.order',
    level: 'MUST',
    party: 'server',
    text: 'Over all pages of a search the names MUST go up, compared as strings, each higher than the one before: so none comes twice.',
    file: 'discovery.md',
    section: 'Finding',
    anchor: 'finding',
  },
  {
    id: 'find.complete',
    level: 'MUST',
    party: 'server',
    text: 'Every room or user that the client sees, whose name begins with `prefix`, and that is there from the first `find` of a search to its last `found`, MUST be on one of the pages, whatever comes and goes meanwhile.',
    file: 'discovery.md',
    section: 'Finding',
    anchor: 'finding',
  },
  {
    id: 'find.limit',
    level: 'MUST NOT',
    party: 'server',
    text: 'A page MUST NOT have more items than `limit`. It may have fewer: a server has a bound of its own.',
    file: 'discovery.md',
    section: 'Finding',
    anchor: 'finding',
  },
  {
    id: 'find.progress',
    level: 'MUST',
    party: 'server',
    text: 'A page with `cursor` MUST have an item. The last page may have none.',
    file: 'discovery.md',
    section: 'Finding',
    anchor: 'finding',
  },
  {
    id: 'find.cursor',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST take a `cursor` from the peer that it has sent it to, with the `kind` and `prefix` that it was sent for and any `limit`, for at least 60 s, and as often as it comes. Each time it goes on behind the page that the cursor came with.',
    file: 'discovery.md',
    section: 'Finding',
    anchor: 'finding',
  },
  {
    id: 'find.unknown-cursor',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer any other `cursor` with `unknown-cursor`: one that it has not sent, that it has sent to another peer, or for another `kind` or `prefix`. It may do so with one that it sent more than 60 s ago.',
    file: 'discovery.md',
    section: 'Finding',
    anchor: 'finding',
  },
  {
    id: 'find.rate',
    level: 'MAY',
    party: 'server',
    text: 'A server MAY answer a `find` that comes too often with `rate-limited`, with `retryAfterMs`. It changes nothing: the same `find` is taken when that time has passed.',
    file: 'discovery.md',
    section: 'Finding',
    anchor: 'finding',
  },
  {
    id: 'watch.outcome-first',
    level: 'MUST',
    party: 'server',
    text: 'The outcome of a `watch` MUST be sent before the `presence` of its users.',
    file: 'discovery.md',
    section: 'Watching',
    anchor: 'watching',
  },
  {
    id: 'watch.first',
    level: 'MUST',
    party: 'server',
    text: 'After a `watch` that it accepts a server MUST send `presence` once for each user that it names, before the outcome of a later message of that client. One that is named twice counts once.',
    file: 'discovery.md',
    section: 'Watching',
    anchor: 'watching',
  },
  {
    id: 'watch.online',
    level: 'MUST',
    party: 'server',
    text: '`online` MUST be true where the user is online and the client sees it, and false otherwise.',
    file: 'discovery.md',
    section: 'Watching',
    anchor: 'watching',
  },
  {
    id: 'watch.change',
    level: 'MUST',
    party: 'server',
    text: 'When a user that a client watches and sees comes online or is online no more, the server MUST send that client `presence`, within 5 s. A change that is undone before it was told need not be told.',
    file: 'discovery.md',
    section: 'Watching',
    anchor: 'watching',
  },
  {
    id: 'watch.only-changes',
    level: 'MUST NOT',
    party: 'server',
    text: 'But for those that a `watch` asks for, a server MUST NOT send `presence` whose `online` is as in the one before: that a further connection of the user comes or goes is no change.',
    file: 'discovery.md',
    section: 'Watching',
    anchor: 'watching',
  },
  {
    id: 'watch.revision',
    level: 'MUST',
    party: 'server',
    text: '`revision` MUST be 1 in the first `presence` of a watch, and 1 more with each one after it.',
    file: 'discovery.md',
    section: 'Watching',
    anchor: 'watching',
  },
  {
    id: 'watch.again',
    level: 'MUST',
    party: 'server',
    text: 'A `watch` of a user that the client watches already MUST be answered as any other, with `presence` of the next `revision`; it goes on as one watch.',
    file: 'discovery.md',
    section: 'Watching',
    anchor: 'watching',
  },
  {
    id: 'watch.unwatch',
    level: 'MUST NOT',
    party: 'server',
    text: 'After the outcome of an `unwatch` a server MUST NOT send `presence` of its users, and a later `watch` of them begins anew. Users that are not watched are passed over.',
    file: 'discovery.md',
    section: 'Watching',
    anchor: 'watching',
  },
  {
    id: 'watch.only-watched',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT send a client `presence` of a user that it does not watch.',
    file: 'discovery.md',
    section: 'Watching',
    anchor: 'watching',
  },
  {
    id: 'watch.no-oracle',
    level: 'MUST',
    party: 'server',
    text: 'Everything that a server says of a user whom the client does not see MUST be what it says of one who does not exist: the `watch` is accepted, and `online` is false.',
    file: 'discovery.md',
    section: 'Watching',
    anchor: 'watching',
  },
  {
    id: 'watch.limit',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST let a peer watch `watches` users at a time, and MUST answer a `watch` that would make them more with `forbidden`; then nothing of that message takes effect.',
    file: 'discovery.md',
    section: 'Watching',
    anchor: 'watching',
  },
  {
    id: 'watch.ends',
    level: 'MUST',
    party: 'server',
    text: 'The watches of a peer MUST end with its last message: a connection that replaces another has none, one that resumes a session goes on with those of the session.',
    file: 'discovery.md',
    section: 'Watching',
    anchor: 'watching',
  },
  {
    id: 'find.opaque',
    level: 'MUST',
    party: 'client',
    text: 'A client MUST send `cursor` as it came, with the `kind` and `prefix` of its search, and MUST NOT make anything of what it holds.',
    file: 'discovery.md',
    section: 'Clients',
    anchor: 'clients',
  },
  {
    id: 'find.anew',
    level: 'SHOULD',
    party: 'client',
    text: 'On `unknown-cursor` a client SHOULD begin the search again, and on `rate-limited` wait for `retryAfterMs`.',
    file: 'discovery.md',
    section: 'Clients',
    anchor: 'clients',
  },
  {
    id: 'watch.late',
    level: 'MUST',
    party: 'client',
    text: 'A client MUST ignore `presence` of a user that it no longer watches, and where it has watched again that of a `revision` it does not expect: an `unwatch` and a `presence` may cross.',
    file: 'discovery.md',
    section: 'Clients',
    anchor: 'clients',
  },
  {
    id: 'watch.anew',
    level: 'SHOULD',
    party: 'client',
    text: 'A client SHOULD watch again after it has connected anew without `resume`.',
    file: 'discovery.md',
    section: 'Clients',
    anchor: 'clients',
  },
  {
    id: 'resume.states',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST do with each message about a session, in each state of the machine _session_, what its transition says, however often it has been lost and resumed before.',
    file: 'resume.md',
    section: 'Resume',
    anchor: 'resume',
  },
  {
    id: 'seq.numbered',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST write `seq` into every numbered message that it sends: 1 into the first of a session, and into each that follows one more.',
    file: 'resume.md',
    section: 'Numbers',
    anchor: 'numbers',
  },
  {
    id: 'seq.unnumbered',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT write `seq` into a connection message.',
    file: 'resume.md',
    section: 'Numbers',
    anchor: 'numbers',
  },
  {
    id: 'seq.taken',
    level: 'MUST',
    party: 'server',
    text: 'A message that carries the next number of its session MUST take that number, also where it is refused. A frame that is refused unread (too large, not I-JSON, nested too deep) takes none.',
    file: 'resume.md',
    section: 'Numbers',
    anchor: 'numbers',
  },
  {
    id: 'seq.seen',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST ignore a message whose number was taken before: it has no effect and no outcome.',
    file: 'resume.md',
    section: 'Numbers',
    anchor: 'numbers',
  },
  {
    id: 'seq.gap',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a message whose number is higher than the next one with the fatal error `seq-gap`, and MUST NOT act on it.',
    file: 'resume.md',
    section: 'Numbers',
    anchor: 'numbers',
  },
  {
    id: 'seq.missing',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer with `bad-message` a message that is to be numbered and has no `seq` of that form, and a connection message that has one; neither takes a number.',
    file: 'resume.md',
    section: 'Numbers',
    anchor: 'numbers',
  },
  {
    id: 'seq.hop',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT carry `seq` or `ack` of a sender on to a receiver: each connection on which `resume` is in force has its own, every other none.',
    file: 'resume.md',
    section: 'Numbers',
    anchor: 'numbers',
  },
  {
    id: 'seq.client',
    level: 'MUST',
    party: 'client',
    text: 'A client MUST number its messages in the same way, and ignore a message of the server whose number it has seen. Where a number is missing it MUST NOT act on what follows, and SHOULD connect again and resume.',
    file: 'resume.md',
    section: 'Numbers',
    anchor: 'numbers',
  },
  {
    id: 'ack.sent',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST acknowledge a numbered message within 5 s of receiving it while the client keeps reading.',
    file: 'resume.md',
    section: 'Acknowledgements',
    anchor: 'acknowledgements',
  },
  {
    id: 'ack.true',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT acknowledge a number that no message of the session has taken.',
    file: 'resume.md',
    section: 'Acknowledgements',
    anchor: 'acknowledgements',
  },
  {
    id: 'ack.old',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST ignore an `ack` that is no higher than one before, and go on with the message that carries it.',
    file: 'resume.md',
    section: 'Acknowledgements',
    anchor: 'acknowledgements',
  },
  {
    id: 'ack.beyond',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer an `ack` that is higher than the last number that it has given with `unexpected-message`, and take nothing for acknowledged by it.',
    file: 'resume.md',
    section: 'Acknowledgements',
    anchor: 'acknowledgements',
  },
  {
    id: 'ack.client',
    level: 'MUST',
    party: 'client',
    text: 'A client MUST acknowledge what it has acted on within 5 s, and before half of `bufferBytes` wait unacknowledged. It MUST NOT acknowledge what it has not received.',
    file: 'resume.md',
    section: 'Acknowledgements',
    anchor: 'acknowledgements',
  },
  {
    id: 'ack.keep',
    level: 'MUST',
    party: 'client',
    text: 'A client MUST keep each numbered message that it has sent until the server acknowledges it.',
    file: 'resume.md',
    section: 'Acknowledgements',
    anchor: 'acknowledgements',
  },
  {
    id: 'resume.resumed',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer with `resumed` a `resume` with the secret of a session that lasts, by the same user (or by nobody, where nobody authenticates), on a connection with the same capabilities in force, on which the client has sent no numbered message, and whose `ack` is neither below one before nor beyond what was sent in the session. `peer` is the peer id of the session, and `ack` the number of the last message of the client that has taken one.',
    file: 'resume.md',
    section: 'Going on',
    anchor: 'going-on',
  },
  {
    id: 'resume.again',
    level: 'MUST',
    party: 'server',
    text: 'After `resumed` a server MUST send every numbered message of the session after `ack` of the `resume`, each once, in the order of their numbers, with the same number and, but for `ack`, equal members, before any new one.',
    file: 'resume.md',
    section: 'Going on',
    anchor: 'going-on',
  },
  {
    id: 'resume.goes-on',
    level: 'MUST',
    party: 'server',
    text: 'From `resumed` on the connection MUST go on as that of the session: in both directions with its next number, in its rooms and calls, as its peer.',
    file: 'resume.md',
    section: 'Going on',
    anchor: 'going-on',
  },
  {
    id: 'resume.unseen',
    level: 'MUST NOT',
    party: 'server',
    text: 'A server MUST NOT let other peers see that a session has lost its connection, or has resumed: its memberships and calls go on, with their `data`, and nobody is told anything.',
    file: 'resume.md',
    section: 'Going on',
    anchor: 'going-on',
  },
  {
    id: 'resume.meanwhile',
    level: 'MUST',
    party: 'server',
    text: 'What is sent to the peer of a session that waits MUST be accepted and kept for it like what is sent to one that has a connection.',
    file: 'resume.md',
    section: 'Going on',
    anchor: 'going-on',
  },
  {
    id: 'resume.takes-over',
    level: 'MUST',
    party: 'server',
    text: 'Where the session still has another connection, a server MUST end that one with the fatal error `replaced`, before it sends `resumed`, and nothing that comes on it afterwards takes effect.',
    file: 'resume.md',
    section: 'Going on',
    anchor: 'going-on',
  },
  {
    id: 'resume.secret',
    level: 'MUST',
    party: 'server',
    text: 'A session MUST keep its secret when it is resumed, any number of times. The secret and the peer id of the `welcome` on the connection that resumes belong to nobody any more.',
    file: 'resume.md',
    section: 'Going on',
    anchor: 'going-on',
  },
  {
    id: 'resume.authentication',
    level: 'MUST',
    party: 'server',
    text: 'From `resumed` on the session MUST have the authentication of the connection that resumes: its `grants`, and its end.',
    file: 'resume.md',
    section: 'Going on',
    anchor: 'going-on',
  },
  {
    id: 'resume.failed',
    level: 'MUST',
    party: 'server',
    text: "A server MUST answer every other `resume` with `resume-failed`: the secret is unknown or void, or that of the connection's own `welcome`, or of a session that is over, of another user, or with other capabilities; the connection is already that of a resumed session, or the client has sent a numbered message on it; or `ack` is out of range.",
    file: 'resume.md',
    section: 'Going on',
    anchor: 'going-on',
  },
  {
    id: 'resume.no-oracle',
    level: 'MUST',
    party: 'server',
    text: 'That answer MUST be the same, apart from what it repeats of the failed message, whichever of these is the cause.',
    file: 'resume.md',
    section: 'Going on',
    anchor: 'going-on',
  },
  {
    id: 'resume.failure-keeps',
    level: 'MUST',
    party: 'server',
    text: 'A `resume` that is refused MUST change nothing: the connection goes on as its own peer, and the session that it has named, if any, as it was.',
    file: 'resume.md',
    section: 'Going on',
    anchor: 'going-on',
  },
  {
    id: 'resume.client',
    level: 'SHOULD',
    party: 'client',
    text: 'A client that has lost its connection SHOULD resume within `windowSeconds`. After `resumed` it MUST send again every numbered message after its `ack`, in order, with the same number and the same members, before any new one.',
    file: 'resume.md',
    section: 'Going on',
    anchor: 'going-on',
  },
  {
    id: 'resume.client-forgets',
    level: 'MUST NOT',
    party: 'client',
    text: 'A client MUST NOT act on what has come with a number between `welcome` and `resumed`: it was said to a peer that is no more.',
    file: 'resume.md',
    section: 'Going on',
    anchor: 'going-on',
  },
  {
    id: 'resume.client-anew',
    level: 'MUST',
    party: 'client',
    text: 'On `resume-failed` a client MUST take the session for lost, with its rooms and calls, and begin anew on that connection as the peer that `welcome` named.',
    file: 'resume.md',
    section: 'Going on',
    anchor: 'going-on',
  },
  {
    id: 'resume.window',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST let a session whose connection has ended wait for `windowSeconds` from the moment it notices that end, and MUST NOT end it before for want of a client.',
    file: 'resume.md',
    section: 'The end of a session',
    anchor: 'the-end-of-a-session',
  },
  {
    id: 'resume.window-over',
    level: 'MUST',
    party: 'server',
    text: 'When that time is over without a `resume`, a server MUST end the session within 5 s; its rooms are told `lost`.',
    file: 'resume.md',
    section: 'The end of a session',
    anchor: 'the-end-of-a-session',
  },
  {
    id: 'resume.bye',
    level: 'MUST',
    party: 'server',
    text: '`bye` MUST end the session at once; its rooms are told `bye`.',
    file: 'resume.md',
    section: 'The end of a session',
    anchor: 'the-end-of-a-session',
  },
  {
    id: 'resume.fatal',
    level: 'MUST',
    party: 'server',
    text: 'With a fatal error a server MUST end the session, too, save `seq-gap`, `idle-timeout`, `too-slow`, and `replaced` for the sake of a `resume`: after these the session waits, or goes on elsewhere.',
    file: 'resume.md',
    section: 'The end of a session',
    anchor: 'the-end-of-a-session',
  },
  {
    id: 'resume.expiry',
    level: 'MUST',
    party: 'server',
    text: 'When the authentication of a session that waits ends, a server MUST end the session within 5 s; its rooms are told `expired`.',
    file: 'resume.md',
    section: 'The end of a session',
    anchor: 'the-end-of-a-session',
  },
  {
    id: 'resume.replaces',
    level: 'MUST',
    party: 'server',
    text: 'A `hello` that it accepts and whose `replaces` is the secret of a session that waits MUST end that session before `welcome` is sent; its rooms are told `replaced`. A session that has a connection is replaced as Core says.',
    file: 'resume.md',
    section: 'The end of a session',
    anchor: 'the-end-of-a-session',
  },
  {
    id: 'resume.buffer',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST keep the unacknowledged messages of a session as long as they come to no more than `bufferBytes`, counted in UTF-8 bytes as they are sent.',
    file: 'resume.md',
    section: 'The end of a session',
    anchor: 'the-end-of-a-session',
  },
  {
    id: 'resume.overflow',
    level: 'MUST',
    party: 'server',
    text: 'Before they come to twice that a server MUST end the session: with the fatal error `session-overflow` where it has a connection; its rooms are told `lost`.',
    file: 'resume.md',
    section: 'The end of a session',
    anchor: 'the-end-of-a-session',
  },
  {
    id: 'custom.one',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST deliver a custom message with `to` to that member of the room, and to nobody else.',
    file: 'custom.md',
    section: 'Custom',
    anchor: 'custom',
  },
  {
    id: 'custom.all',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST deliver a custom message without `to` to every other member of the room for whom `custom` is in force, and to nobody else; where there is no such member it is accepted all the same.',
    file: 'custom.md',
    section: 'Custom',
    anchor: 'custom',
  },
  {
    id: 'custom.unread',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST deliver a custom message with `from` added and every other member as it was sent, whatever its value, and MUST NOT refuse it for a member other than those of the envelope (Frames), a `data` above `limits.dataBytes` included.',
    file: 'custom.md',
    section: 'Custom',
    anchor: 'custom',
  },
  {
    id: 'custom.order',
    level: 'MUST',
    party: 'server',
    text: 'What one sender sends to one receiver within one room, custom messages with and without `to` and relayed messages of every other type together, MUST arrive in the order sent, each message once and none left out (Delivery).',
    file: 'custom.md',
    section: 'Custom',
    anchor: 'custom',
  },
  {
    id: 'custom.not-in-room',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a custom message whose sender is not a member of `room` with `not-in-room`, and MUST NOT deliver it.',
    file: 'custom.md',
    section: 'Custom',
    anchor: 'custom',
  },
  {
    id: 'custom.peer-not-found',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a custom message whose sender is a member of `room` and whose `to` is not, with `peer-not-found`, and MUST NOT deliver it; the sender itself as `to` counts as not found.',
    file: 'custom.md',
    section: 'Custom',
    anchor: 'custom',
  },
  {
    id: 'custom.forbidden',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a custom message of a member whose grants do not let it send in the room with `forbidden`, and MUST NOT deliver it.',
    file: 'custom.md',
    section: 'Custom',
    anchor: 'custom',
  },
  {
    id: 'custom.fallback',
    level: 'SHOULD',
    party: 'client',
    text: 'A client SHOULD work without `custom`: a server need not offer it, and a peer need not have asked for it.',
    file: 'custom.md',
    section: 'Custom',
    anchor: 'custom',
  },
  {
    id: 'websocket.text',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST send each message as one WebSocket text message.',
    file: 'bindings/websocket.md',
    section: 'WebSocket binding',
    anchor: 'websocket-binding',
  },
  {
    id: 'websocket.subprotocol',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST select the subprotocol `parley.v1` when the client offers it, also among others.',
    file: 'bindings/websocket.md',
    section: 'WebSocket binding',
    anchor: 'websocket-binding',
  },
  {
    id: 'websocket.no-subprotocol',
    level: 'MAY',
    party: 'server',
    text: 'A server MAY refuse a client that does not offer `parley.v1`, or go on without a subprotocol.',
    file: 'bindings/websocket.md',
    section: 'WebSocket binding',
    anchor: 'websocket-binding',
  },
  {
    id: 'websocket.offer',
    level: 'MUST',
    party: 'client',
    text: 'A client MUST offer the subprotocol `parley.v1`.',
    file: 'bindings/websocket.md',
    section: 'WebSocket binding',
    anchor: 'websocket-binding',
  },
  {
    id: 'websocket.fragments',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST accept a message in up to 1000 WebSocket fragments, with control frames between them; it may end a connection whose message has more.',
    file: 'bindings/websocket.md',
    section: 'WebSocket binding',
    anchor: 'websocket-binding',
  },
  {
    id: 'websocket.ping',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a WebSocket ping with a pong of the same payload.',
    file: 'bindings/websocket.md',
    section: 'WebSocket binding',
    anchor: 'websocket-binding',
  },
  {
    id: 'websocket.binary',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST end a connection on which a binary message comes, and MUST NOT act on that message.',
    file: 'bindings/websocket.md',
    section: 'WebSocket binding',
    anchor: 'websocket-binding',
  },
  {
    id: 'websocket.binary-code',
    level: 'SHOULD',
    party: 'server',
    text: 'For a binary message a server SHOULD close with 1003.',
    file: 'bindings/websocket.md',
    section: 'WebSocket binding',
    anchor: 'websocket-binding',
  },
  {
    id: 'websocket.utf8',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST end a connection on which a text message comes that is not UTF-8, and MUST NOT act on that message.',
    file: 'bindings/websocket.md',
    section: 'WebSocket binding',
    anchor: 'websocket-binding',
  },
  {
    id: 'websocket.utf8-code',
    level: 'SHOULD',
    party: 'server',
    text: 'For a text message that is not UTF-8 a server SHOULD close with 1007.',
    file: 'bindings/websocket.md',
    section: 'WebSocket binding',
    anchor: 'websocket-binding',
  },
  {
    id: 'websocket.too-large-code',
    level: 'SHOULD',
    party: 'server',
    text: 'Where a server closes for a message above `limits.messageBytes`, it SHOULD close with 1009.',
    file: 'bindings/websocket.md',
    section: 'WebSocket binding',
    anchor: 'websocket-binding',
  },
  {
    id: 'websocket.no-compression',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST work with a client that offers no WebSocket extension.',
    file: 'bindings/websocket.md',
    section: 'WebSocket binding',
    anchor: 'websocket-binding',
  },
  {
    id: 'websocket.close',
    level: 'MUST',
    party: 'server',
    text: 'A server MUST answer a close frame as RFC 6455 says, and take it for the end of the connection without `bye`, whatever its code says.',
    file: 'bindings/websocket.md',
    section: 'WebSocket binding',
    anchor: 'websocket-binding',
  },
  {
    id: 'websocket.bye-code',
    level: 'SHOULD',
    party: 'server',
    text: 'After `bye` a server SHOULD close with 1000.',
    file: 'bindings/websocket.md',
    section: 'WebSocket binding',
    anchor: 'websocket-binding',
  },
  {
    id: 'websocket.draining-code',
    level: 'SHOULD',
    party: 'server',
    text: 'A server that shuts down SHOULD close with 1001.',
    file: 'bindings/websocket.md',
    section: 'WebSocket binding',
    anchor: 'websocket-binding',
  },
]
