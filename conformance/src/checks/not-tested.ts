import type { ServerRequirementId } from '../generated/requirement.ts'

/** Server requirements that no check can judge from outside, each with the reason. */
export const notTested: Readonly<Partial<Record<ServerRequirementId, string>>> = {
  'auth.not-logged': "A server's logs are not seen from outside: its operator has to look, or its own tests.",
  'auth.unsupported':
    'A freedom: the checks of auth.failed accept both answers where welcome.auth is empty, and none is judged for its choice.',
  'errors.any-that-applies':
    'A freedom: the checks accept every error that applies, and no server is judged for which one it takes.',
  'ring.rate': 'A freedom: the checks come back when the server says, and none is judged for asking it.',
  'find.rate': 'A freedom: the checks come back when the server says, and none is judged for asking it.',
  'rooms.unasked-left':
    'A freedom, and nothing outside makes a server take it: what it says to the others can be seen only when it does.',
}
