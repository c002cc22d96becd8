import type { ServerRequirementId } from '../generated/requirement.ts'

const whenOperated =
  'A server drains when its operator says so: no client can make it, and the kit is pointed at servers that go on.'

/** Server requirements that no check can judge from outside, each with the reason. */
export const notTested: Readonly<Partial<Record<ServerRequirementId, string>>> = {
  'auth.not-logged': "A server's logs are not seen from outside: its operator has to look, or its own tests.",
  'auth.unsupported':
    'A freedom: the checks of auth.failed accept both answers where welcome.auth is empty, and none is judged for its choice.',
  'drain.goaway': whenOperated,
  'drain.newcomer': whenOperated,
  'drain.joins': whenOperated,
  'drain.under-way': whenOperated,
  'drain.not-before': whenOperated,
  'drain.ends': whenOperated,
  'errors.any-that-applies':
    'A freedom: the checks accept every error that applies, and no server is judged for which one it takes.',
  'rooms.unasked-left':
    'A freedom, and nothing outside makes a server take it: what it says to the others can be seen only when it does.',
  'websocket.draining-code':
    'A server shuts down when its operator says so: no client can make it, and the kit is pointed at servers that go on.',
}
