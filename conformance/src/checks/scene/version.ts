/** A version that no server speaks: the greatest integer that JSON carries safely. */
export const unspokenVersion = Number.MAX_SAFE_INTEGER
