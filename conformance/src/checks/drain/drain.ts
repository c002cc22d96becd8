import { check, type Check, type CheckOptions } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import type { ServerRequirementId } from '../../generated/requirement.ts'
import { asCoreChecks } from './as-core.ts'
import { drainServer, type DrainPart } from './scenario.ts'

/** Judges one part of what came of letting the server drain, which happens once in a run. */
async function judge(t: CheckContext, part: DrainPart): Promise<void> {
  const findings = await t.shared('the server drains', drainServer)
  if (!findings.has(part)) t.couldNotRun('No goaway came to a member of a room: see drain.goaway')
  const found = findings.get(part)
  if (found !== undefined) throw found
}

function whileDraining(
  requirement: ServerRequirementId,
  title: string,
  part: DrainPart,
  options: CheckOptions = { capability: 'drain' },
): Check {
  return check(requirement, title, (t) => judge(t, part), { ...options, drains: true })
}

/** Checks of spec/drain.md, and of the binding where a server shuts down. */
export const drainChecks: readonly Check[] = [
  ...asCoreChecks,
  whileDraining('drain.goaway', 'everybody who can be told, when the server begins to drain', 'goaway'),
  whileDraining('drain.newcomer', 'a client that is welcomed meanwhile', 'newcomer'),
  whileDraining('drain.joins', 'the join of a room after goaway', 'joins'),
  whileDraining('drain.joins', 'the join of a room by who has resumed its session', 'joins-resumed', {
    capability: 'drain',
    name: 'resumed',
  }),
  whileDraining('drain.untold', 'the join of a room by a client that cannot be told', 'untold'),
  whileDraining('drain.under-way', 'relays, update, leave and presence after goaway', 'under-way'),
  whileDraining('resume.resumed', 'a session that is lost after goaway', 'resumed', {
    capability: 'drain',
    name: 'draining',
  }),
  whileDraining('ice.renewed', 'credentials that would end while the server drains', 'renewed', {
    capability: 'drain',
    name: 'draining',
  }),
  whileDraining('drain.not-before', 'how long a member of a room is let go on', 'not-before'),
  whileDraining('drain.ends', 'the end after the announced time', 'ends'),
  whileDraining('websocket.draining-code', 'the close code of a server that shuts down', 'code', {}),
]
