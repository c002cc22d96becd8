import { check, type Check } from '../../engine/check.ts'
import { Undecided } from '../../engine/failure.ts'
import type { ServerRequirementId } from '../../generated/requirement.ts'
import { comeAndGo, type ComingFindings, type ComingPart } from './coming.ts'
import { findingChecks } from './finding.ts'
import { watchingChecks } from './watching.ts'

/** Ends a check as what it looks at has come out. */
function judge(findings: ComingFindings, part: ComingPart): void {
  const problem = findings.get(part)
  if (problem) throw problem
  if (!findings.has(part)) throw new Undecided('could-not-run', 'What leads there did not come to its end')
}

/** A check of one part of the scene in which a user comes and goes, which is played once in a run. */
function whileComing(requirement: ServerRequirementId, title: string, part: ComingPart, name: string): Check {
  return check(
    requirement,
    title,
    async (t) => {
      judge(await t.shared('user-comes-and-goes', comeAndGo), part)
    },
    { ...(name === '' ? {} : { name }), capability: 'discovery', solitary: true },
  )
}

/** Checks of spec/discovery.md. */
export const discoveryChecks: readonly Check[] = [
  ...findingChecks,
  whileComing('find.sight', 'a user by find and by watch', 'sight', ''),
  whileComing('find.not-by-presence', 'a user that was offline when it was watched', 'not-by-presence', ''),
  whileComing('find.present', 'a user that has gone', 'gone', 'users'),
  ...watchingChecks,
  whileComing('watch.online', 'a user with a connection on which nothing is in force', 'online', 'other'),
  whileComing('watch.online', 'names that are like that of a user', 'names', 'names'),
  whileComing('watch.online', 'a user whose token is refused', 'refused', 'refused'),
  whileComing('watch.online', 'a user who is refused the token of another', 'mismatch', 'mismatch'),
  whileComing('watch.change', 'a user that comes and goes', 'change', ''),
  whileComing('watch.change', 'a user that comes and goes many times', 'churn', 'churn'),
  whileComing('watch.change', 'a user whose only connection ends in each way', 'ways', 'ways'),
  whileComing('watch.change', 'changes for a watcher that is in a room', 'member', 'member'),
  whileComing('watch.online', 'a user whose session waits', 'waiting', 'waiting'),
  whileComing('find.complete', 'a user whose session waits, and is resumed', 'session', 'session'),
  whileComing('watch.change', 'a user whose session waits in vain', 'window', 'window'),
  whileComing('watch.unwatch', 'changes of a user that is watched again', 'anew', 'anew'),
  whileComing('watch.ends', 'changes for a watcher whose session waits', 'away', 'away'),
  whileComing('watch.unwatch', 'a user that goes after an unwatch of who has resumed', 'unwatched', 'away'),
  whileComing('watch.only-changes', 'three further devices come, and three go', 'devices', ''),
  whileComing(
    'watch.only-changes',
    'a user whose only connection authenticates again',
    'reauth',
    'refreshed',
  ),
  whileComing('watch.again', 'changes of a user that was watched twice', 'again', 'once'),
  whileComing('watch.revision', 'revisions of changes', 'revision', 'changes'),
  whileComing('watch.unwatch', 'a user that comes and goes after unwatch', 'unwatch', 'silent'),
  whileComing('watch.only-watched', 'a user that comes and goes unwatched', 'only-watched', ''),
  whileComing('watch.no-oracle', 'a user who is online and not seen', 'oracle', 'unseen'),
  whileComing('watch.ends', 'a connection that replaces one with watches', 'ends', ''),
  whileComing('watch.ends', 'changes for a watcher that authenticates again', 'refreshed', 'refreshed'),
  whileComing('watch.online', 'a user that has gone while nobody watched', 'past', 'past'),
  whileComing('watch.online', 'a user whose connection ends right after its auth', 'hasty', 'hasty'),
]
