import type { Handlers } from '../handler.ts'
import { handleAccept } from './accept.ts'
import { handleAck } from './ack.ts'
import { handleAnswer } from './answer.ts'
import { handleAuth } from './auth.ts'
import { handleBye } from './bye.ts'
import { handleCancel } from './cancel.ts'
import { handleCandidate } from './candidate.ts'
import { handleFind } from './find.ts'
import { handleGetIceServers } from './get-ice-servers.ts'
import { handleCustom } from './custom.ts'
import { handleHangup } from './hangup.ts'
import { handleHello } from './hello.ts'
import { handleInvite } from './invite.ts'
import { handleJoin } from './join.ts'
import { handleLeave } from './leave.ts'
import { handleOffer } from './offer.ts'
import { handlePing } from './ping.ts'
import { handleReject } from './reject.ts'
import { handleResume } from './resume.ts'
import { handleRinging } from './ringing.ts'
import { handleUnwatch } from './unwatch.ts'
import { handleUpdate } from './update.ts'
import { handleWatch } from './watch.ts'

/** The handlers of a server that keeps to the specification. */
export const defaultHandlers: Handlers = {
  hello: handleHello,
  auth: handleAuth,
  ping: handlePing,
  bye: handleBye,
  join: handleJoin,
  leave: handleLeave,
  update: handleUpdate,
  offer: handleOffer,
  answer: handleAnswer,
  candidate: handleCandidate,
  hangup: handleHangup,
  invite: handleInvite,
  ringing: handleRinging,
  accept: handleAccept,
  reject: handleReject,
  cancel: handleCancel,
  'get-ice-servers': handleGetIceServers,
  find: handleFind,
  watch: handleWatch,
  unwatch: handleUnwatch,
  ack: handleAck,
  resume: handleResume,
  custom: handleCustom,
}
