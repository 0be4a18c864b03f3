/** What an addition counts. Versions of this domain differ here alone. */
export const RATE: u64 = 1;
