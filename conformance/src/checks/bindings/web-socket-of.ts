import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import type { WebSocketControls } from '../../transport/transport.ts'

/** The WebSocket below an endpoint; ends the check on another binding. */
export function webSocketOf(t: CheckContext, endpoint: Endpoint): WebSocketControls {
  return endpoint.link.webSocket ?? t.notApplicable('The target speaks another binding than WebSocket')
}
