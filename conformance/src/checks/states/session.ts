import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { cut, lostOf, numbersOf, tryResume, unlessLate, type Lost } from '../resume/stage.ts'
import { hangupTo } from '../scene/negotiation-message.ts'
import { answerTo, type Answer, type Play, type Plays } from './walk.ts'

/** A session in a walk. */
export interface SessionStage {
  readonly t: CheckContext
  /** Its room, and somebody who stays there. */
  readonly room: string
  readonly b: Endpoint
  /** Its connection, or the last that it had. */
  a: Endpoint
  /** Where it waits, since when. */
  lost: Lost | undefined
}

/** Asks to go on on a new connection, which is that of the session where that is granted. */
const resume: Play<SessionStage>['play'] = async (stage) => {
  const before = stage.lost ?? lostOf(stage.a)
  const { later, outcome } = await tryResume(stage.t, before)
  if (outcome.type !== 'resumed') {
    unlessLate(before)
    return `error:${outcome.code ?? 'without code'}`
  }
  if (stage.lost === undefined)
    await stage.a.expectEnd('the end of a connection whose session was taken over')
  stage.a = later
  stage.lost = undefined
  return outcome.type
}

/** Asks for it with an `ack` of what was never sent. */
const refused: Play<SessionStage>['play'] = async (stage) => {
  const before = stage.lost ?? lostOf(stage.a)
  const { later, outcome } = await tryResume(stage.t, before, { ack: before.numbers.seen + 1000 })
  later.send({ type: 'bye' })
  return outcome.type === 'error' ? `error:${outcome.code ?? 'without code'}` : outcome.type
}

const ended = async (a: Endpoint, what: string): Promise<Answer> => {
  await a.expectEnd(`the end of the connection after ${what}`)
  return undefined
}

const timed = 'Takes a time that the specification gives, which checks of its own wait for.'
const filled = 'Takes a buffer full of messages, which a check of its own sends.'

/** How a walk brings about what the machine `session` has. */
export const sessionPlays: Plays<'session', SessionStage> = {
  message: {
    always: {
      play: ({ t, a, b, room }) => answerTo(a, hangupTo({ room, to: b.peer, call: t.callId() })),
    },
    gap: {
      play: async (stage) => {
        const { t, a, b, room } = stage
        stage.lost = lostOf(a)
        const seq = numbersOf(a).sent.length + 2
        a.sendRaw(JSON.stringify({ ...hangupTo({ room, to: b.peer, call: t.callId() }), seq }))
        const { code } = await a.expect('error', ({ fatal }) => fatal, 'the fatal error seq-gap')
        await ended(a, 'a number that is too high')
        return `error:${code}`
      },
    },
    seen: 'That nothing comes of it is what a check of its own shows.',
  },
  resume: {
    good: { play: resume },
    // Where the session is over every resume is refused; otherwise one that asks for too much.
    always: { play: (stage) => refused(stage) },
  },
  loss: {
    always: {
      play: async (stage) => {
        stage.lost = await cut(stage.t, stage.a)
        return undefined
      },
    },
  },
  bye: {
    always: {
      play: (stage) => {
        stage.lost = lostOf(stage.a)
        stage.a.send({ type: 'bye' })
        return ended(stage.a, 'bye')
      },
    },
  },
  replaces: {
    always: {
      play: async (stage) => {
        const { t, a } = stage
        const wasLost = stage.lost !== undefined
        stage.lost ??= lostOf(a)
        await t.client({ capabilities: [], hello: { replaces: stage.lost.numbers.secret } })
        return wasLost ? undefined : ended(a, 'a hello that replaces it')
      },
    },
  },
  failure: { always: 'Nothing outside makes a server do it.' },
  overflow: { always: filled },
  'window-over': { always: timed },
  expiry: { always: timed },
}
