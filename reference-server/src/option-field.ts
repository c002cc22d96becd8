import { Type, type SchemaOptions, type TInteger, type TSchema, type TString } from '@sinclair/typebox'

/** What a group of options is about that `--help` shows apart: `--help-auth`. */
export type Topic = 'address' | 'auth' | 'calls' | 'discovery' | 'ice' | 'resume'

/** An option that is an integer. */
export function integer(
  value: string,
  text: string,
  initial: number,
  minimum: number,
  maximum = 1_000_000_000,
): TInteger {
  return Type.Integer({ default: initial, minimum, maximum, value, text })
}

/** An option that is any text. */
export function string(value: string, text: string, initial: string): TString {
  return Type.String({ default: initial, value, text })
}

/**
 * Puts an option into a group of its own.
 *
 * @param more - What its schema says beside.
 */
export function about<T extends TSchema>(topic: Topic, schema: T, more: SchemaOptions = {}): T {
  return { ...schema, ...more, topic }
}
