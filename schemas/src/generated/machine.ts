// Generated from spec/machines/ by scripts/generate-spec.ts: change those, not this file.

/** The state machines of the specification: by name, state and event what follows. Of several transitions the first is taken whose guard holds. */
export const machines = {
  call: {
    initial: 'none',
    view: 'server',
    capability: 'calls',
    states: {
      none: {
        invite: [
          {
            target: 'none',
            guard: 'nobody',
            by: 'client',
            answer: 'error:user-unavailable',
            requirements: ['ring.unavailable', 'ring.no-oracle'],
          },
          {
            target: 'none',
            guard: 'tooMany',
            by: 'client',
            answer: 'error:forbidden',
            requirements: ['ring.calls-per-peer'],
          },
          {
            target: 'ringing',
            by: 'client',
            answer: 'ok',
            requirements: ['ring.invited'],
          },
        ],
        other: [
          {
            target: 'none',
            by: 'client',
            answer: 'error:call-not-found',
            requirements: ['ring.not-found'],
          },
        ],
      },
      ringing: {
        invite: [
          {
            target: 'ringing',
            by: 'client',
            answer: 'error:call-exists',
            requirements: ['ring.exists'],
          },
        ],
        'endpoint.ringing': [
          {
            target: 'ringing',
            by: 'client',
            answer: 'ok',
            requirements: ['ring.ringing'],
          },
        ],
        'endpoint.accept': [
          {
            target: 'talking',
            by: 'client',
            answer: 'ok',
            requirements: ['ring.accept'],
          },
        ],
        'endpoint.decline': [
          {
            target: 'ended',
            by: 'client',
            answer: 'ok',
            requirements: ['ring.decline'],
          },
        ],
        'endpoint.busy': [
          {
            target: 'ended',
            guard: 'last',
            by: 'client',
            answer: 'ok',
            requirements: ['ring.busy'],
          },
          {
            target: 'ringing',
            by: 'client',
            answer: 'ok',
            requirements: ['ring.busy'],
          },
        ],
        'endpoint.cancel': [
          {
            target: 'ringing',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state'],
          },
        ],
        'endpoint.relay': [
          {
            target: 'ringing',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state'],
          },
        ],
        'endpoint.hangup': [
          {
            target: 'ringing',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state'],
          },
        ],
        'endpoint.lost': [
          {
            target: 'ended',
            guard: 'last',
            by: 'either',
            requirements: ['ring.endpoint-lost'],
          },
          {
            target: 'ringing',
            by: 'either',
            requirements: ['ring.endpoint-lost'],
          },
        ],
        'caller.cancel': [
          {
            target: 'ended',
            by: 'client',
            answer: 'ok',
            requirements: ['ring.cancel'],
          },
        ],
        'caller.ringing': [
          {
            target: 'ringing',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state'],
          },
        ],
        'caller.accept': [
          {
            target: 'ringing',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state'],
          },
        ],
        'caller.reject': [
          {
            target: 'ringing',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state'],
          },
        ],
        'caller.relay': [
          {
            target: 'ringing',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state'],
          },
        ],
        'caller.hangup': [
          {
            target: 'ringing',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state'],
          },
        ],
        'caller.lost': [
          {
            target: 'ended',
            by: 'either',
            requirements: ['ring.caller-lost'],
          },
        ],
        stranger: [
          {
            target: 'ringing',
            by: 'client',
            answer: 'error:call-not-found',
            requirements: ['ring.not-found'],
          },
        ],
        out: [
          {
            target: 'ringing',
            by: 'client',
            answer: 'error:call-ended',
            requirements: ['ring.ended'],
          },
        ],
        timeout: [
          {
            target: 'ended',
            by: 'server',
            requirements: ['ring.timeout'],
          },
        ],
        glare: [
          {
            target: 'ended',
            by: 'server',
            requirements: ['ring.glare'],
          },
        ],
      },
      talking: {
        invite: [
          {
            target: 'talking',
            by: 'client',
            answer: 'error:call-exists',
            requirements: ['ring.exists'],
          },
        ],
        'caller.relay': [
          {
            target: 'talking',
            guard: 'notOther',
            by: 'client',
            answer: 'error:peer-not-found',
            requirements: ['talk.peer-not-found'],
          },
          {
            target: 'talking',
            by: 'client',
            answer: 'ok',
            requirements: ['talk.delivered'],
          },
        ],
        'callee.relay': [
          {
            target: 'talking',
            guard: 'notOther',
            by: 'client',
            answer: 'error:peer-not-found',
            requirements: ['talk.peer-not-found'],
          },
          {
            target: 'talking',
            by: 'client',
            answer: 'ok',
            requirements: ['talk.delivered'],
          },
        ],
        'caller.hangup': [
          {
            target: 'talking',
            guard: 'notOther',
            by: 'client',
            answer: 'error:peer-not-found',
            requirements: ['talk.peer-not-found'],
          },
          {
            target: 'ended',
            by: 'client',
            answer: 'ok',
            requirements: ['talk.hangup'],
          },
        ],
        'callee.hangup': [
          {
            target: 'talking',
            guard: 'notOther',
            by: 'client',
            answer: 'error:peer-not-found',
            requirements: ['talk.peer-not-found'],
          },
          {
            target: 'ended',
            by: 'client',
            answer: 'ok',
            requirements: ['talk.hangup'],
          },
        ],
        'caller.cancel': [
          {
            target: 'talking',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state', 'ring.crossed'],
          },
        ],
        'caller.ringing': [
          {
            target: 'talking',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state'],
          },
        ],
        'caller.accept': [
          {
            target: 'talking',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state'],
          },
        ],
        'caller.reject': [
          {
            target: 'talking',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state'],
          },
        ],
        'callee.ringing': [
          {
            target: 'talking',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state'],
          },
        ],
        'callee.accept': [
          {
            target: 'talking',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state'],
          },
        ],
        'callee.decline': [
          {
            target: 'talking',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state'],
          },
        ],
        'callee.busy': [
          {
            target: 'talking',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state'],
          },
        ],
        'callee.cancel': [
          {
            target: 'talking',
            by: 'client',
            answer: 'error:call-state',
            requirements: ['ring.state'],
          },
        ],
        'caller.lost': [
          {
            target: 'ended',
            by: 'either',
            requirements: ['talk.lost'],
          },
        ],
        'callee.lost': [
          {
            target: 'ended',
            by: 'either',
            requirements: ['talk.lost'],
          },
        ],
        stranger: [
          {
            target: 'talking',
            by: 'client',
            answer: 'error:call-not-found',
            requirements: ['ring.not-found'],
          },
        ],
        out: [
          {
            target: 'talking',
            by: 'client',
            answer: 'error:call-ended',
            requirements: ['ring.ended'],
          },
        ],
      },
      ended: {
        invite: [
          {
            target: 'ended',
            by: 'client',
            answer: 'error:call-ended',
            requirements: ['ring.reused'],
          },
        ],
        party: [
          {
            target: 'ended',
            by: 'client',
            answer: 'error:call-ended',
            requirements: ['ring.ended'],
          },
        ],
        stranger: [
          {
            target: 'ended',
            by: 'client',
            answer: 'error:call-not-found',
            requirements: ['ring.not-found'],
          },
        ],
        forgotten: [
          {
            target: 'none',
            by: 'server',
            requirements: ['ring.ended', 'ring.reused'],
          },
        ],
      },
    },
  },
  calling: {
    initial: 'none',
    view: 'client',
    capability: 'calls',
    states: {
      none: {
        'invite-sent': [
          {
            target: 'inviting',
            by: 'client',
            requirements: ['ring.new-id'],
          },
        ],
      },
      inviting: {
        ok: [
          {
            target: 'calling',
            by: 'server',
            requirements: ['ring.outcome-first'],
          },
        ],
        error: [
          {
            target: 'over',
            by: 'server',
            requirements: ['ring.unavailable', 'ring.exists', 'ring.reused', 'ring.calls-per-peer'],
          },
        ],
        'connection-end': [
          {
            target: 'over',
            by: 'either',
            requirements: ['talk.end'],
          },
        ],
      },
      calling: {
        ringing: [
          {
            target: 'alerting',
            by: 'server',
            requirements: ['ring.ringing'],
          },
        ],
        accept: [
          {
            target: 'talking',
            by: 'server',
            requirements: ['ring.accept'],
          },
        ],
        reject: [
          {
            target: 'over',
            by: 'server',
            requirements: ['ring.decline', 'ring.busy', 'ring.endpoint-lost', 'ring.timeout', 'ring.glare'],
          },
        ],
        'cancel-sent': [
          {
            target: 'cancelling',
            by: 'client',
            requirements: ['ring.cancel'],
          },
        ],
        'connection-end': [
          {
            target: 'over',
            by: 'either',
            requirements: ['talk.end'],
          },
        ],
      },
      alerting: {
        accept: [
          {
            target: 'talking',
            by: 'server',
            requirements: ['ring.accept'],
          },
        ],
        reject: [
          {
            target: 'over',
            by: 'server',
            requirements: ['ring.decline', 'ring.busy', 'ring.endpoint-lost', 'ring.timeout', 'ring.glare'],
          },
        ],
        'cancel-sent': [
          {
            target: 'cancelling',
            by: 'client',
            requirements: ['ring.cancel'],
          },
        ],
        'connection-end': [
          {
            target: 'over',
            by: 'either',
            requirements: ['talk.end'],
          },
        ],
      },
      cancelling: {
        ok: [
          {
            target: 'over',
            by: 'server',
            requirements: ['ring.cancel', 'ring.last'],
          },
        ],
        ringing: [
          {
            target: 'cancelling',
            by: 'server',
            requirements: ['ring.ringing'],
          },
        ],
        accept: [
          {
            target: 'talking',
            by: 'server',
            requirements: ['ring.accept', 'ring.crossed'],
          },
        ],
        reject: [
          {
            target: 'over',
            by: 'server',
            requirements: ['ring.decline', 'ring.busy', 'ring.endpoint-lost', 'ring.timeout', 'ring.glare'],
          },
        ],
        'connection-end': [
          {
            target: 'over',
            by: 'either',
            requirements: ['talk.end'],
          },
        ],
      },
      talking: {
        error: [
          {
            target: 'talking',
            by: 'server',
            requirements: ['ring.crossed', 'ring.too-late'],
          },
        ],
        hangup: [
          {
            target: 'over',
            by: 'client',
            requirements: ['talk.end'],
          },
        ],
        'hangup-sent': [
          {
            target: 'over',
            by: 'client',
            requirements: ['talk.end'],
          },
        ],
        'call-ended': [
          {
            target: 'over',
            by: 'server',
            requirements: ['talk.lost', 'talk.end'],
          },
        ],
        'connection-end': [
          {
            target: 'over',
            by: 'either',
            requirements: ['talk.end'],
          },
        ],
      },
      over: {},
    },
  },
  connection: {
    initial: 'opening',
    view: 'server',
    states: {
      opening: {
        hello: [
          {
            target: 'ended',
            guard: 'noVersion',
            by: 'client',
            answer: 'error:unsupported-version',
            requirements: ['versions.none-in-common'],
          },
          {
            target: 'unauthenticated',
            guard: 'authNeeded',
            by: 'client',
            answer: 'welcome',
            requirements: ['connection.welcome'],
          },
          {
            target: 'open',
            by: 'client',
            answer: 'welcome',
            requirements: ['connection.welcome'],
          },
        ],
        '*': [
          {
            target: 'ended',
            by: 'client',
            answer: 'error:hello-required',
            requirements: ['connection.hello-first'],
          },
        ],
        'no-hello': [
          {
            target: 'ended',
            by: 'server',
            answer: 'error:hello-timeout',
            requirements: ['connection.hello-timeout'],
          },
        ],
        failure: [
          {
            target: 'ended',
            by: 'server',
            requirements: ['errors.fatal-first'],
          },
        ],
        end: [
          {
            target: 'ended',
            by: 'either',
            requirements: ['connection.end-noticed'],
          },
        ],
      },
      unauthenticated: {
        auth: [
          {
            target: 'open',
            guard: 'tokenGood',
            by: 'client',
            answer: 'authenticated',
            requirements: ['auth.token'],
          },
          {
            target: 'ended',
            guard: 'thirdFailure',
            by: 'client',
            answer: 'error:auth-failed',
            requirements: ['auth.third-failure'],
          },
          {
            target: 'unauthenticated',
            by: 'client',
            answer: 'error:auth-failed',
            requirements: ['auth.failed'],
          },
        ],
        ping: [
          {
            target: 'unauthenticated',
            by: 'client',
            answer: 'pong',
            requirements: ['connection.pong'],
          },
        ],
        bye: [
          {
            target: 'ended',
            by: 'client',
            requirements: ['connection.bye'],
          },
        ],
        hello: [
          {
            target: 'unauthenticated',
            by: 'client',
            answer: 'error:unexpected-message',
            requirements: ['connection.second-hello'],
          },
        ],
        '*': [
          {
            target: 'unauthenticated',
            by: 'client',
            answer: 'error:unauthenticated',
            requirements: ['auth.required'],
          },
        ],
        replaced: [
          {
            target: 'ended',
            by: 'client',
            answer: 'error:replaced',
            requirements: ['replaces.old-ends'],
          },
        ],
        idle: [
          {
            target: 'ended',
            by: 'server',
            answer: 'error:idle-timeout',
            requirements: ['connection.idle-timeout'],
          },
        ],
        failure: [
          {
            target: 'ended',
            by: 'server',
            requirements: ['errors.fatal-first'],
          },
        ],
        end: [
          {
            target: 'ended',
            by: 'either',
            requirements: ['connection.end-noticed'],
          },
        ],
        'no-auth': [
          {
            target: 'ended',
            by: 'server',
            answer: 'error:auth-timeout',
            requirements: ['auth.timeout'],
          },
        ],
      },
      open: {
        auth: [
          {
            target: 'open',
            guard: 'noAuth',
            by: 'client',
            answer: 'error:unsupported-type|error:auth-failed',
            requirements: ['auth.unsupported', 'auth.failed'],
          },
          {
            target: 'open',
            guard: 'otherUser',
            by: 'client',
            answer: 'error:user-mismatch',
            requirements: ['auth.user-mismatch'],
          },
          {
            target: 'open',
            guard: 'tokenGood',
            by: 'client',
            answer: 'authenticated',
            requirements: ['auth.refresh'],
          },
          {
            target: 'ended',
            guard: 'thirdFailure',
            by: 'client',
            answer: 'error:auth-failed',
            requirements: ['auth.third-failure'],
          },
          {
            target: 'open',
            by: 'client',
            answer: 'error:auth-failed',
            requirements: ['auth.failed', 'auth.failure-keeps'],
          },
        ],
        ping: [
          {
            target: 'open',
            by: 'client',
            answer: 'pong',
            requirements: ['connection.pong'],
          },
        ],
        bye: [
          {
            target: 'ended',
            by: 'client',
            requirements: ['connection.bye'],
          },
        ],
        hello: [
          {
            target: 'open',
            by: 'client',
            answer: 'error:unexpected-message',
            requirements: ['connection.second-hello'],
          },
        ],
        '*': [
          {
            target: 'open',
            by: 'client',
            requirements: ['outcomes.exactly-one'],
          },
        ],
        replaced: [
          {
            target: 'ended',
            by: 'client',
            answer: 'error:replaced',
            requirements: ['replaces.old-ends'],
          },
        ],
        idle: [
          {
            target: 'ended',
            by: 'server',
            answer: 'error:idle-timeout',
            requirements: ['connection.idle-timeout'],
          },
        ],
        failure: [
          {
            target: 'ended',
            by: 'server',
            requirements: ['errors.fatal-first'],
          },
        ],
        end: [
          {
            target: 'ended',
            by: 'either',
            requirements: ['connection.end-noticed'],
          },
        ],
        expiry: [
          {
            target: 'ended',
            by: 'server',
            answer: 'error:token-expired',
            requirements: ['auth.expiry'],
          },
        ],
      },
      ended: {},
    },
  },
  membership: {
    initial: 'outside',
    view: 'server',
    states: {
      outside: {
        join: [
          {
            target: 'outside',
            guard: 'noRight',
            by: 'client',
            answer: 'error:forbidden',
            requirements: ['rooms.forbidden', 'auth.grants'],
          },
          {
            target: 'outside',
            guard: 'noPlace',
            by: 'client',
            answer: 'error:room-full|error:forbidden',
            requirements: ['rooms.full', 'limits.rooms'],
          },
          {
            target: 'inside',
            by: 'client',
            answer: 'joined',
            requirements: ['rooms.joined'],
          },
        ],
        update: [
          {
            target: 'outside',
            by: 'client',
            answer: 'error:not-in-room',
            requirements: ['rooms.update-not-in-room'],
          },
        ],
        leave: [
          {
            target: 'outside',
            by: 'client',
            answer: 'error:not-in-room',
            requirements: ['rooms.leave-not-in-room'],
          },
        ],
        relay: [
          {
            target: 'outside',
            by: 'client',
            answer: 'error:not-in-room',
            requirements: ['relay.not-in-room'],
          },
        ],
      },
      inside: {
        join: [
          {
            target: 'inside',
            guard: 'noRight',
            by: 'client',
            answer: 'error:forbidden',
            requirements: ['rooms.forbidden', 'auth.grants'],
          },
          {
            target: 'inside',
            by: 'client',
            answer: 'joined',
            requirements: ['rooms.rejoin'],
          },
        ],
        update: [
          {
            target: 'inside',
            by: 'client',
            answer: 'ok',
            requirements: ['rooms.update'],
          },
        ],
        relay: [
          {
            target: 'inside',
            guard: 'noRight',
            by: 'client',
            answer: 'error:forbidden',
            requirements: ['relay.forbidden'],
          },
          {
            target: 'inside',
            guard: 'noReceiver',
            by: 'client',
            answer: 'error:peer-not-found',
            requirements: ['relay.peer-not-found'],
          },
          {
            target: 'inside',
            by: 'client',
            answer: 'ok',
            requirements: ['relay.delivered'],
          },
        ],
        leave: [
          {
            target: 'outside',
            by: 'client',
            answer: 'left',
            requirements: ['rooms.leave'],
          },
        ],
        removal: [
          {
            target: 'outside',
            by: 'server',
            answer: 'left',
            requirements: ['rooms.unasked-left'],
          },
        ],
        end: [
          {
            target: 'outside',
            by: 'either',
            requirements: ['rooms.bye', 'rooms.lost', 'rooms.ended', 'replaces.peer-left'],
          },
        ],
      },
    },
  },
  negotiation: {
    initial: 'none',
    view: 'client',
    states: {
      none: {
        'offer-sent': [
          {
            target: 'offering',
            by: 'client',
            requirements: ['negotiation.grows', 'call.id'],
          },
        ],
        offer: [
          {
            target: 'none',
            guard: 'glareLost',
            by: 'client',
            answer: 'hangup',
            requirements: ['glare.two-calls', 'glare.hangup'],
          },
          {
            target: 'none',
            guard: 'unwanted',
            by: 'client',
            answer: 'hangup',
            requirements: ['call.reject'],
          },
          {
            target: 'answering',
            guard: 'first',
            by: 'client',
            requirements: ['renegotiation.either'],
          },
          {
            target: 'none',
            by: 'client',
            requirements: ['call.unknown'],
          },
        ],
        answer: [
          {
            target: 'none',
            by: 'client',
            requirements: ['call.unknown'],
          },
        ],
        candidate: [
          {
            target: 'none',
            by: 'client',
            requirements: ['call.unknown'],
          },
        ],
        hangup: [
          {
            target: 'none',
            by: 'client',
            requirements: ['call.unknown-hangup'],
          },
        ],
      },
      offering: {
        answer: [
          {
            target: 'stable',
            guard: 'pending',
            by: 'client',
            requirements: ['negotiation.answer'],
          },
          {
            target: 'offering',
            by: 'client',
            requirements: ['negotiation.stale-answer'],
          },
        ],
        offer: [
          {
            target: 'offering',
            guard: 'caller',
            by: 'client',
            requirements: ['glare.caller'],
          },
          {
            target: 'answering',
            by: 'client',
            requirements: ['glare.callee'],
          },
        ],
        candidate: [
          {
            target: 'offering',
            by: 'client',
            requirements: ['candidate.hold', 'candidate.add'],
          },
        ],
        hangup: [
          {
            target: 'ended',
            by: 'client',
            requirements: ['call.ends'],
          },
        ],
        'hangup-sent': [
          {
            target: 'ended',
            by: 'client',
            requirements: ['call.ends'],
          },
        ],
        'membership-ended': [
          {
            target: 'ended',
            by: 'either',
            requirements: ['call.ends'],
          },
        ],
      },
      answering: {
        'answer-sent': [
          {
            target: 'stable',
            guard: 'fits',
            by: 'client',
            requirements: ['negotiation.answer'],
          },
        ],
        answer: [
          {
            target: 'answering',
            by: 'client',
            requirements: ['negotiation.stale-answer'],
          },
        ],
        candidate: [
          {
            target: 'answering',
            by: 'client',
            requirements: ['candidate.hold', 'candidate.add'],
          },
        ],
        hangup: [
          {
            target: 'ended',
            by: 'client',
            requirements: ['call.ends'],
          },
        ],
        'hangup-sent': [
          {
            target: 'ended',
            by: 'client',
            requirements: ['call.reject', 'renegotiation.either'],
          },
        ],
        'membership-ended': [
          {
            target: 'ended',
            by: 'either',
            requirements: ['call.ends'],
          },
        ],
      },
      stable: {
        'offer-sent': [
          {
            target: 'offering',
            by: 'client',
            requirements: ['negotiation.parity', 'negotiation.one-pending'],
          },
        ],
        offer: [
          {
            target: 'answering',
            by: 'client',
            requirements: ['renegotiation.either'],
          },
        ],
        answer: [
          {
            target: 'stable',
            by: 'client',
            requirements: ['negotiation.stale-answer'],
          },
        ],
        candidate: [
          {
            target: 'stable',
            by: 'client',
            requirements: ['candidate.hold', 'candidate.add'],
          },
        ],
        hangup: [
          {
            target: 'ended',
            by: 'client',
            requirements: ['call.ends'],
          },
        ],
        'hangup-sent': [
          {
            target: 'ended',
            by: 'client',
            requirements: ['call.ends'],
          },
        ],
        'membership-ended': [
          {
            target: 'ended',
            by: 'either',
            requirements: ['call.ends'],
          },
        ],
      },
      ended: {},
    },
  },
  rung: {
    initial: 'none',
    view: 'client',
    capability: 'calls',
    states: {
      none: {
        invite: [
          {
            target: 'ringing',
            by: 'server',
            requirements: ['ring.invited'],
          },
        ],
      },
      ringing: {
        'ringing-sent': [
          {
            target: 'ringing',
            by: 'client',
            requirements: ['ring.alert'],
          },
        ],
        'accept-sent': [
          {
            target: 'accepting',
            by: 'client',
            requirements: ['ring.quiet'],
          },
        ],
        'reject-sent': [
          {
            target: 'over',
            by: 'client',
            requirements: ['ring.quiet', 'ring.answer'],
          },
        ],
        cancel: [
          {
            target: 'over',
            by: 'server',
            requirements: [
              'ring.quiet',
              'ring.accept',
              'ring.decline',
              'ring.cancel',
              'ring.caller-lost',
              'ring.timeout',
              'ring.glare',
            ],
          },
        ],
        'connection-end': [
          {
            target: 'over',
            by: 'either',
            requirements: ['ring.quiet', 'ring.endpoint-lost'],
          },
        ],
      },
      accepting: {
        ok: [
          {
            target: 'talking',
            by: 'server',
            requirements: ['ring.accept'],
          },
        ],
        cancel: [
          {
            target: 'over',
            by: 'server',
            requirements: ['ring.crossed'],
          },
        ],
        error: [
          {
            target: 'over',
            by: 'server',
            requirements: ['ring.crossed', 'ring.too-late'],
          },
        ],
        offer: [
          {
            target: 'talking',
            by: 'client',
            requirements: ['talk.offer'],
          },
        ],
        'call-ended': [
          {
            target: 'over',
            by: 'server',
            requirements: ['talk.lost', 'talk.end'],
          },
        ],
        hangup: [
          {
            target: 'over',
            by: 'client',
            requirements: ['talk.end'],
          },
        ],
        'hangup-sent': [
          {
            target: 'over',
            by: 'client',
            requirements: ['talk.end'],
          },
        ],
        'connection-end': [
          {
            target: 'over',
            by: 'either',
            requirements: ['talk.end'],
          },
        ],
      },
      talking: {
        hangup: [
          {
            target: 'over',
            by: 'client',
            requirements: ['talk.end'],
          },
        ],
        'hangup-sent': [
          {
            target: 'over',
            by: 'client',
            requirements: ['talk.end'],
          },
        ],
        'call-ended': [
          {
            target: 'over',
            by: 'server',
            requirements: ['talk.lost', 'talk.end'],
          },
        ],
        'connection-end': [
          {
            target: 'over',
            by: 'either',
            requirements: ['talk.end'],
          },
        ],
      },
      over: {},
    },
  },
  session: {
    initial: 'connected',
    view: 'server',
    capability: 'resume',
    states: {
      connected: {
        message: [
          {
            target: 'waiting',
            guard: 'gap',
            by: 'client',
            answer: 'error:seq-gap',
            requirements: ['seq.gap'],
          },
          {
            target: 'connected',
            guard: 'seen',
            by: 'client',
            requirements: ['seq.seen'],
          },
          {
            target: 'connected',
            by: 'client',
            requirements: ['seq.taken'],
          },
        ],
        resume: [
          {
            target: 'connected',
            guard: 'good',
            by: 'client',
            answer: 'resumed',
            requirements: ['resume.takes-over', 'resume.resumed'],
          },
          {
            target: 'connected',
            by: 'client',
            answer: 'error:resume-failed',
            requirements: ['resume.failed', 'resume.failure-keeps'],
          },
        ],
        loss: [
          {
            target: 'waiting',
            by: 'either',
            requirements: ['resume.window', 'resume.unseen'],
          },
        ],
        bye: [
          {
            target: 'over',
            by: 'client',
            requirements: ['resume.bye'],
          },
        ],
        replaces: [
          {
            target: 'over',
            by: 'client',
            requirements: ['resume.fatal', 'replaces.old-ends'],
          },
        ],
        failure: [
          {
            target: 'over',
            by: 'server',
            requirements: ['resume.fatal'],
          },
        ],
        overflow: [
          {
            target: 'over',
            by: 'server',
            requirements: ['resume.overflow'],
          },
        ],
      },
      waiting: {
        resume: [
          {
            target: 'connected',
            guard: 'good',
            by: 'client',
            answer: 'resumed',
            requirements: ['resume.resumed', 'resume.goes-on'],
          },
          {
            target: 'waiting',
            by: 'client',
            answer: 'error:resume-failed',
            requirements: ['resume.failed', 'resume.failure-keeps'],
          },
        ],
        replaces: [
          {
            target: 'over',
            by: 'client',
            requirements: ['resume.replaces'],
          },
        ],
        'window-over': [
          {
            target: 'over',
            by: 'server',
            requirements: ['resume.window-over'],
          },
        ],
        expiry: [
          {
            target: 'over',
            by: 'server',
            requirements: ['resume.expiry'],
          },
        ],
        overflow: [
          {
            target: 'over',
            by: 'server',
            requirements: ['resume.overflow'],
          },
        ],
      },
      over: {
        resume: [
          {
            target: 'over',
            by: 'client',
            answer: 'error:resume-failed',
            requirements: ['resume.failed'],
          },
        ],
      },
    },
  },
} as const
