import { defineMessage, type MessageOf } from '../define-message.ts'

/** May come at any time after authentication, and again. */
export const getIceServers = defineMessage('get-ice-servers', {
  direction: 'client',
  capability: 'ice-servers',
  summary: 'Asks for STUN and TURN servers.',
  reply: 'ice-servers',
  fields: {},
  examples: [{ type: 'get-ice-servers' }, { type: 'get-ice-servers', id: '3' }],
})
/** Asks for STUN and TURN servers. @interface */
export type GetIceServers = MessageOf<typeof getIceServers>
