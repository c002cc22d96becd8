import type { Handler } from '../handler.ts'
import { relay } from './relay.ts'

/** Carries `answer` to its receiver. */
export const handleAnswer: Handler<'answer'> = relay
