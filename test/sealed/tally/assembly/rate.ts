export const RATE: u64 = 1;
