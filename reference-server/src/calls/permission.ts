import type { Callee, Party, PeerId } from '@parley/schemas'
import type { Client } from '../client.ts'
import { whenReady, type Awaitable, type Directory } from '../directory.ts'
import { inTime } from '../in-time.ts'
import { OptionError, type Options } from '../option.ts'
import { permits } from '../permission.ts'
import type { Services } from '../services.ts'
import type { InvitePermission, InviteQuestion } from './invite-rule.ts'

/** A peer that is nowhere: looked for where there is nobody to look for, so that it takes as long. */
const nobody: PeerId = 'nobody-is-this-peer'

/**
 * Whether a client may invite a callee: by the application's rule, or else by the option `invites`.
 *
 * Takes the same steps whether the callee exists, is there, or may be invited: ring.no-timing.
 */
export function mayInvite(callee: Callee, client: Client, services: Services): Awaitable<boolean> {
  const { calls, invitePermission, options } = services
  if (invitePermission !== undefined) return ask({ caller: partyOf(client), callee }, client, services)
  return whenReady(calls.endpointsOf(callee), (peers) =>
    whenReady(
      haveCommonRoom(client, peers, services.directory),
      (common) => common || options.invites === 'anyone',
    ),
  )
}

/** A client as the other parties of its calls see it. */
export function partyOf({ peer, user }: Client): Party {
  return { peer, ...(user === undefined ? {} : { user }) } // ring.caller
}

/** Lets a client be rung, as the user that it is: ring.invited. */
export function ringFor(client: Client, { calls }: Services): Awaitable<void> {
  return client.inForce.has('calls') ? calls.attach(partyOf(client)) : undefined
}

/** Guards the server against an application's rule: what it does not answer in time, or not at all, is a no. */
function ask(question: InviteQuestion, client: Client, services: Services): Awaitable<boolean> {
  const { invitePermission, clock, journal } = services
  const failed = (cause: unknown) => {
    journal.broke(client.peer, cause, 'asking who may be invited failed')
    return false
  }
  try {
    const answer = inTime(invitePermission?.(question) ?? false, clock, 'rule for invites')
    return answer instanceof Promise ? answer.then((said) => said, failed) : answer
  } catch (cause) {
    return failed(cause)
  }
}

/** ring.members: whoever may send to a member of a room may also ring it. */
function haveCommonRoom(
  { peer, grants }: Client,
  others: readonly PeerId[],
  directory: Directory,
): Awaitable<boolean> {
  const [other = nobody, ...rest] = others.filter((each) => each !== peer)
  return whenReady(directory.commonRooms(peer, other), (rooms) => {
    if (rooms.some((room) => permits(grants, 'send', room))) return true
    return rest.length === 0 ? false : haveCommonRoom({ peer, grants } as Client, rest, directory)
  })
}

/**
 * The application's rule, as an embedding program gives it.
 *
 * @throws `OptionError` where an option names one that only the program `parley-server` reads.
 */
export function invitePermissionOf(
  { inviteModule }: Options,
  given: InvitePermission | undefined,
): InvitePermission | undefined {
  if (inviteModule !== '' && given === undefined)
    throw new OptionError('inviteModule is read by the program parley-server: give mayInvite')
  return given
}
