import type { ServerRequirementId } from '../generated/requirement.ts'

const noChecksOfResume = 'A debt: the kit has no checks of resume as yet.'

/** Server requirements that no check can judge from outside, each with the reason. */
export const notTested: Readonly<Partial<Record<ServerRequirementId, string>>> = {
  'auth.not-logged': "A server's logs are not seen from outside: its operator has to look, or its own tests.",
  'auth.unsupported':
    'A freedom: the checks of auth.failed accept both answers where welcome.auth is empty, and none is judged for its choice.',
  'errors.any-that-applies':
    'A freedom: the checks accept every error that applies, and no server is judged for which one it takes.',
  'ring.rate': 'A freedom: the checks come back when the server says, and none is judged for asking it.',
  'seq.numbered': noChecksOfResume,
  'seq.unnumbered': noChecksOfResume,
  'seq.taken': noChecksOfResume,
  'seq.seen': noChecksOfResume,
  'seq.gap': noChecksOfResume,
  'seq.missing': noChecksOfResume,
  'seq.hop': noChecksOfResume,
  'ack.sent': noChecksOfResume,
  'ack.true': noChecksOfResume,
  'ack.old': noChecksOfResume,
  'ack.beyond': noChecksOfResume,
  'resume.resumed': noChecksOfResume,
  'resume.again': noChecksOfResume,
  'resume.goes-on': noChecksOfResume,
  'resume.unseen': noChecksOfResume,
  'resume.meanwhile': noChecksOfResume,
  'resume.takes-over': noChecksOfResume,
  'resume.secret': noChecksOfResume,
  'resume.authentication': noChecksOfResume,
  'resume.failed': noChecksOfResume,
  'resume.no-oracle': noChecksOfResume,
  'resume.failure-keeps': noChecksOfResume,
  'resume.window': noChecksOfResume,
  'resume.window-over': noChecksOfResume,
  'resume.bye': noChecksOfResume,
  'resume.fatal': noChecksOfResume,
  'resume.expiry': noChecksOfResume,
  'resume.replaces': noChecksOfResume,
  'resume.buffer': noChecksOfResume,
  'resume.overflow': noChecksOfResume,
  'find.rate': 'A freedom: the checks come back when the server says, and none is judged for asking it.',
  'rooms.unasked-left':
    'A freedom, and nothing outside makes a server take it: what it says to the others can be seen only when it does.',
}
