import { iceServerURLPattern } from '@parley/schemas'
import { Type } from '@sinclair/typebox'
import { about, integer, string } from '../option-field.ts'

/** The options about STUN and TURN servers for clients; part of the one table of options. */
export const iceOptions = {
  iceUrls: about(
    'ice',
    Type.Array(Type.String({ pattern: iceServerURLPattern }), {
      default: [],
      value: 'A,B',
      text: 'stun:, stuns:, turn: and turns: URLs for clients',
    }),
  ),
  turnSecret: about('ice', string('TEXT', 'secret shared with the TURN server (no flag)', ''), {
    secret: true,
  }),
  turnSecretFile: about('ice', string('FILE', 'the same, in a file', '')),
  turnSeconds: about('ice', integer('N', 'how long credentials are good', 3600, 2, 604_800)),
  iceServersFile: about('ice', string('FILE', 'servers with fixed credentials, JSON', '')),
}
