import { Type } from '@sinclair/typebox'
import { about, integer, string } from '../option-field.ts'

/** The options about calls; part of the one table of options. */
export const callOptions = {
  ringSeconds: about('calls', integer('N', 'longest time that a call rings', 60, 10, 600)),
  callsPerPeer: about('calls', integer('N', 'calls of one peer at a time', 8, 2)),
  invites: about(
    'calls',
    Type.Union([Type.Literal('members'), Type.Literal('anyone')], {
      default: 'members',
      value: 'WHO',
      text: 'who may ring: members of a room, anyone',
    }),
  ),
  inviteModule: about('calls', string('FILE', 'ES module that decides it instead', '')),
}
