import type { Check } from '../../engine/check.ts'
import { answeringChecks } from './answering.ts'
import { besideChecks } from './beside.ts'
import { callIdChecks } from './call-id.ts'
import { forgedSenderChecks } from './forged-sender.ts'
import { glareChecks } from './glare.ts'
import { inCallChecks } from './in-call.ts'
import { inOneGoChecks } from './in-one-go.ts'
import { inviteTextChecks } from './invite-text.ts'
import { placesChecks } from './places.ts'
import { reachChecks } from './reach.ts'
import { ringingChecks } from './ringing.ts'
import { ringTimerChecks } from './ring-timer.ts'
import { callShapeChecks } from './shape.ts'
import { callSizeChecks } from './size.ts'
import { deviceChecks } from './several-devices.ts'
import { talkingChecks } from './talking.ts'

/** Checks of spec/calls.md, in the order of its sections. */
export const callsChecks: readonly Check[] = [
  ...ringingChecks,
  ...inviteTextChecks,
  ...answeringChecks,
  ...besideChecks,
  ...ringTimerChecks,
  ...deviceChecks,
  ...glareChecks,
  ...reachChecks,
  ...callIdChecks,
  ...placesChecks,
  ...talkingChecks,
  ...inOneGoChecks,
  ...inCallChecks,
  ...forgedSenderChecks,
  ...callShapeChecks,
  ...callSizeChecks,
]
