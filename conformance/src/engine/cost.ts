/** What a check costs when it looks; over the budget of an ordinary run it is `not-observed` without `--exhaustive`. */
export interface Cost {
  readonly ms?: number
  readonly bytes?: number
  readonly members?: number
  readonly messages?: number
}

/** Cost that an ordinary run may spend on one check. */
export const ordinaryBudget: Required<Cost> = { ms: 5000, bytes: 4 * 1024 * 1024, members: 50, messages: 500 }
