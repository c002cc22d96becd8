import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { invalidToken, userOf } from '../scene/token.ts'
import { unspokenVersion } from '../scene/version.ts'
import { answerTo, type Answer, type Play, type Plays } from './walk.ts'

/** A connection in a walk. */
export interface ConnectionStage {
  readonly t: CheckContext
  readonly a: Endpoint
  readonly room: string
  /** Failures to authenticate so far. */
  failures: number
  /** Authentications that may still be sent: each takes a token of the user. */
  authentications: number
}

/** Failure of a connection that ends it. */
const fatalFailure = 3

async function withToken({ t, a }: ConnectionStage, user: number): Promise<Answer> {
  return answerTo(a, { type: 'auth', method: 'token', token: (await t.token(user)) ?? '' })
}

async function fail(stage: ConnectionStage): Promise<Answer> {
  stage.failures += 1
  const { t, a } = stage
  const answer = await answerTo(a, { type: 'auth', method: 'token', token: invalidToken(t) })
  if (stage.failures === fatalFailure) await ended(a, 'a third auth-failed')
  return answer
}

async function ended(a: Endpoint, what: string): Promise<undefined> {
  await a.expectEnd(`the end of the connection after ${what}`)
  return undefined
}

const hello: Play<ConnectionStage>['play'] = ({ a }) => answerTo(a, { type: 'hello', versions: [1] })

const timed = 'Takes a time that the specification gives, which checks of its own wait for.'
const serversOwn = 'Nothing outside makes a server do it.'

/** How a walk brings about what the machine `connection` has. */
export const connectionPlays: Plays<'connection', ConnectionStage> = {
  hello: {
    noVersion: {
      play: async ({ a }) => {
        const answer = await answerTo(a, { type: 'hello', versions: [unspokenVersion] })
        await ended(a, 'a hello without a version in common')
        return answer
      },
    },
    authNeeded: { when: ({ t }) => t.target.needsAuth, play: hello },
    // Also the second hello, whose answer depends on nothing.
    always: { when: ({ t, a }) => !t.target.needsAuth || a.peer !== '', play: hello },
  },
  auth: {
    tokenGood: {
      when: ({ t, authentications }) =>
        t.target.needsAuth && t.target.users[0] !== undefined && authentications > 0,
      play: (stage) => {
        stage.authentications -= 1
        return withToken(stage, 0)
      },
    },
    otherUser: {
      when: ({ t, authentications }) =>
        t.target.users[1] !== undefined && userOf(t, 0) !== userOf(t, 1) && authentications > 0,
      play: (stage) => {
        stage.authentications -= 1
        return withToken(stage, 1)
      },
    },
    thirdFailure: {
      when: ({ t }) => t.target.needsAuth,
      // Those before it fail here, too: a walk would seldom come by three of them by itself.
      play: async (stage) => {
        while (stage.failures < fatalFailure - 1) await fail(stage)
        return fail(stage)
      },
    },
    noAuth: {
      when: ({ t, failures }) => t.target.welcome.auth.length === 0 && failures < fatalFailure - 1,
      play: fail,
    },
    always: { when: ({ t, failures }) => t.target.needsAuth && failures < fatalFailure - 1, play: fail },
  },
  ping: { always: { play: ({ a }) => answerTo(a, { type: 'ping' }) } },
  bye: {
    always: {
      play: ({ a }) => {
        a.send({ type: 'bye' })
        return ended(a, 'bye')
      },
    },
  },
  '*': {
    always: {
      play: async ({ a, room }) => {
        const opening = a.peer === ''
        const answer = await answerTo(a, { type: 'join', room })
        if (opening) await ended(a, 'a first message that is not hello')
        return answer
      },
    },
  },
  replaced: {
    always: {
      play: async ({ t, a }) => {
        await t.client({ anonymous: true, hello: { replaces: a.session } })
        const { code } = await a.expect('error', (error) => error.ref === undefined && error.fatal)
        await ended(a, 'a hello that replaces it')
        return `error:${code}`
      },
    },
  },
  end: {
    always: {
      play: async ({ a }) => {
        a.close()
        return ended(a, 'the client has closed it')
      },
    },
  },
  'no-hello': { always: timed },
  'no-auth': { always: timed },
  idle: { always: timed },
  expiry: { always: timed },
  failure: { always: serversOwn },
}
