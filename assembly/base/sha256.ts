/**
 * SHA-256 (FIPS 180-4), and the two uses the chain makes of it: leaf and link (docs/reference/frame.md).
 *
 * The message schedule lives in memory and the rounds are unrolled eight at a time, so that the eight working
 * variables stay in locals and never rotate.
 */
import { copyUp } from "./words";

const state: usize = memory.data(32, 16);
const block: usize = memory.data(64, 16);
const schedule: usize = memory.data(256, 16);
/** The round constants, and the state to start with. */
export const SHA256_CONSTANTS: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);

export const SHA256_START: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

function start(): void {
  copyUp(state, SHA256_START, 32);
}

class Round {
  @inline static first(e: u32, f: u32, g: u32, h: u32, at: usize): u32 {
    return h + (rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25)) + (g ^ (e & (f ^ g))) + load<u32>(at);
  }
  @inline static second(a: u32, b: u32, c: u32): u32 {
    return (rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)) + ((a & b) | (c & (a | b)));
  }
  /** One word of the schedule, the round constant already added. */
  @inline static word(at: usize): void {
    const w15 = load<u32>(block + ((at + 4) & 60));
    const w2 = load<u32>(block + ((at + 56) & 60));
    const word =
      load<u32>(block + (at & 60)) +
      (rotr<u32>(w15, 7) ^ rotr<u32>(w15, 18) ^ (w15 >>> 3)) +
      load<u32>(block + ((at + 36) & 60)) +
      (rotr<u32>(w2, 17) ^ rotr<u32>(w2, 19) ^ (w2 >>> 10));
    store<u32>(block + (at & 60), word);
    store<u32>(schedule + at, word + load<u32>(SHA256_CONSTANTS + at));
  }
}

function compress(at: usize): void {
  expand(at);
  rounds(schedule);
}

/** Makes the schedule of a block. */
function expand(at: usize): void {
  for (let i: usize = 0; i < 64; i += 4) {
    const word = bswap<u32>(load<u32>(at + i));
    store<u32>(block + i, word);
    store<u32>(schedule + i, word + load<u32>(SHA256_CONSTANTS + i));
  }
  for (let i: usize = 64; i < 256; i += 16) {
    Round.word(i);
    Round.word(i + 4);
    Round.word(i + 8);
    Round.word(i + 12);
  }
}

/** Mixes a block into the state, given its schedule. */
function rounds(schedule: usize): void {
  let a = load<u32>(state, 0);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  let e = load<u32>(state, 16);
  let f = load<u32>(state, 20);
  let g = load<u32>(state, 24);
  let h = load<u32>(state, 28);
  for (let i = schedule, end = schedule + 256; i < end; i += 32) {
    let t = Round.first(e, f, g, h, i);
    d += t;
    h = t + Round.second(a, b, c);
    t = Round.first(d, e, f, g, i + 4);
    c += t;
    g = t + Round.second(h, a, b);
    t = Round.first(c, d, e, f, i + 8);
    b += t;
    f = t + Round.second(g, h, a);
    t = Round.first(b, c, d, e, i + 12);
    a += t;
    e = t + Round.second(f, g, h);
    t = Round.first(a, b, c, d, i + 16);
    h += t;
    d = t + Round.second(e, f, g);
    t = Round.first(h, a, b, c, i + 20);
    g += t;
    c = t + Round.second(d, e, f);
    t = Round.first(g, h, a, b, i + 24);
    f += t;
    b = t + Round.second(c, d, e);
    t = Round.first(f, g, h, a, i + 28);
    e += t;
    a = t + Round.second(b, c, d);
  }
  store<u32>(state, load<u32>(state, 0) + a, 0);
  store<u32>(state, load<u32>(state, 4) + b, 4);
  store<u32>(state, load<u32>(state, 8) + c, 8);
  store<u32>(state, load<u32>(state, 12) + d, 12);
  store<u32>(state, load<u32>(state, 16) + e, 16);
  store<u32>(state, load<u32>(state, 20) + f, 20);
  store<u32>(state, load<u32>(state, 24) + g, 24);
  store<u32>(state, load<u32>(state, 28) + h, 28);
}

const tail: usize = memory.data(128, 16);

/** Hashes what is left (fewer than 64 bytes at `at`) with the padding for `total` bytes, and writes the digest. */
function finish(at: usize, left: usize, total: u64, digest: usize): void {
  memory.fill(tail, 0, 128);
  memory.copy(tail, at, left);
  store<u8>(tail + left, 0x80);
  const size: usize = left < 56 ? 64 : 128;
  store<u64>(tail + size - 8, bswap<u64>(total << 3));
  compress(tail);
  if (size == 128) compress(tail + 64);
  writeState(digest);
}

function writeState(digest: usize): void {
  for (let i: usize = 0; i < 32; i += 4) store<u32>(digest + i, bswap<u32>(load<u32>(state + i)));
}

/** SHA-256 of `bytes` bytes at `at`. */
export function sha256(at: usize, bytes: usize, digest: usize): void {
  start();
  let left = bytes;
  while (left >= 64) {
    compress(at);
    at += 64;
    left -= 64;
  }
  finish(at, left, bytes, digest);
}

const lead: usize = memory.data(64, 16);
const link: usize = memory.data(64, 16);

/** leaf = SHA-256(0x00 || body), without moving the body. */
export function leafOf(body: usize, bytes: usize, leaf: usize): void {
  start();
  store<u8>(lead, 0);
  if (bytes < 63) {
    memory.copy(lead + 1, body, bytes);
    finish(lead, bytes + 1, bytes + 1, leaf);
    return;
  }
  memory.copy(lead + 1, body, 63);
  compress(lead);
  let at = body + 63;
  let left = bytes - 63;
  while (left >= 64) {
    compress(at);
    at += 64;
    left -= 64;
  }
  finish(at, left, <u64>bytes + 1, leaf);
}

/** What follows 64 bytes of message is a block of padding, the same each time: its schedule, made once. */
const paddingSchedule: usize = memory.data(256, 16);

function makePaddingSchedule(): void {
  memory.fill(tail, 0, 64);
  store<u8>(tail, 0x80);
  store<u64>(tail + 56, bswap<u64>(64 << 3));
  expand(tail);
  copyUp(paddingSchedule, schedule, 256);
}

/** digest(n) = SHA-256(digest(n-1) || leaf(n)). */
export function linkOf(previous: usize, leaf: usize, digest: usize): void {
  if (load<u32>(paddingSchedule) == 0) makePaddingSchedule();
  copyUp(link, previous, 32);
  copyUp(link + 32, leaf, 32);
  start();
  compress(link);
  rounds(paddingSchedule);
  writeState(digest);
}
