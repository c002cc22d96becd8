import type { ServerRequirementId } from '../generated/requirement.ts'

const noChecksOfDiscovery = 'A debt: the kit has no checks of discovery as yet.'

/** Server requirements that no check can judge from outside, each with the reason. */
export const notTested: Readonly<Partial<Record<ServerRequirementId, string>>> = {
  'auth.not-logged': "A server's logs are not seen from outside: its operator has to look, or its own tests.",
  'auth.unsupported':
    'A freedom: the checks of auth.failed accept both answers where welcome.auth is empty, and none is judged for its choice.',
  'errors.any-that-applies':
    'A freedom: the checks accept every error that applies, and no server is judged for which one it takes.',
  'ring.rate': 'A freedom: the checks come back when the server says, and none is judged for asking it.',
  'find.complete': noChecksOfDiscovery,
  'find.cursor': noChecksOfDiscovery,
  'find.kind': noChecksOfDiscovery,
  'find.limit': noChecksOfDiscovery,
  'find.may-join': noChecksOfDiscovery,
  'find.members': noChecksOfDiscovery,
  'find.not-by-presence': noChecksOfDiscovery,
  'find.order': noChecksOfDiscovery,
  'find.own-rooms': noChecksOfDiscovery,
  'find.own-user': noChecksOfDiscovery,
  'find.prefix': noChecksOfDiscovery,
  'find.present': noChecksOfDiscovery,
  'find.progress': noChecksOfDiscovery,
  'find.rate': noChecksOfDiscovery,
  'find.reply': noChecksOfDiscovery,
  'find.sight': noChecksOfDiscovery,
  'find.unknown-cursor': noChecksOfDiscovery,
  'watch.again': noChecksOfDiscovery,
  'watch.change': noChecksOfDiscovery,
  'watch.ends': noChecksOfDiscovery,
  'watch.first': noChecksOfDiscovery,
  'watch.limit': noChecksOfDiscovery,
  'watch.no-oracle': noChecksOfDiscovery,
  'watch.online': noChecksOfDiscovery,
  'watch.only-changes': noChecksOfDiscovery,
  'watch.only-watched': noChecksOfDiscovery,
  'watch.outcome-first': noChecksOfDiscovery,
  'watch.revision': noChecksOfDiscovery,
  'watch.unwatch': noChecksOfDiscovery,
  'rooms.unasked-left':
    'A freedom, and nothing outside makes a server take it: what it says to the others can be seen only when it does.',
}
