/**
 * SHA-256 of four messages at once, one in each 32-bit lane of a vector: leaves of the chain (docs/reference/frame.md).
 *
 * Messages have different lengths, so each lane goes on to the next message as soon as its own is done; only the last few
 * blocks of a run find idle lanes. The blocks of a message are read where they lie, but for the first, which begins with the
 * leaf's zero byte, and the last ones, which carry the padding: those stand in a lane's own buffers.
 *
 * Responsible for: leaves of many bodies. Not responsible for: single messages (base/sha256.ts); the chain (frame/chain.ts).
 * I1: the digests are those of base/sha256.ts, bit for bit.
 */
import { SHA256_CONSTANTS, SHA256_START } from "./sha256";

const LANES: u32 = 4;

/** Eight working variables and sixteen words of the block, each of all lanes; the schedule with its constants added. */
const state: usize = memory.data(8 * 16, 16);
const block: usize = memory.data(16 * 16, 16);
const schedule: usize = memory.data(64 * 16, 16);

//   0       4      8       12       16      20    64     128        256
//   | index | body | whole | blocks | block | ... | lead | tail     |      one for each lane
//   block counts up to blocks; `whole` of them end within the body, the others are the tail's
const LANE_INDEX: usize = 0;
const LANE_BODY: usize = 4;
const LANE_WHOLE: usize = 8;
const LANE_BLOCKS: usize = 12;
const LANE_BLOCK: usize = 16;
const LANE_LEAD: usize = 64;
const LANE_TAIL: usize = 128;
const LANE_BYTES: usize = 256;
const lanes: usize = memory.data(4 * 256, 16);
const IDLE: u32 = 0xffffffff;

class Vector {
  @inline static rotr(x: v128, bits: i32): v128 {
    return v128.or(i32x4.shr_u(x, bits), i32x4.shl(x, 32 - bits));
  }
  @inline static xor(a: v128, b: v128, c: v128): v128 {
    return v128.xor(v128.xor(a, b), c);
  }
  @inline static first(e: v128, f: v128, g: v128, h: v128, at: usize): v128 {
    const sum = Vector.xor(Vector.rotr(e, 6), Vector.rotr(e, 11), Vector.rotr(e, 25));
    const choice = v128.xor(g, v128.and(e, v128.xor(f, g)));
    return i32x4.add(i32x4.add(h, v128.load(schedule + at)), i32x4.add(sum, choice));
  }
  @inline static second(a: v128, b: v128, c: v128): v128 {
    const sum = Vector.xor(Vector.rotr(a, 2), Vector.rotr(a, 13), Vector.rotr(a, 22));
    return i32x4.add(sum, v128.or(v128.and(a, b), v128.and(c, v128.or(a, b))));
  }
  /** One word of the schedule, in place of the one sixteen before it. */
  @inline static word(at: usize): void {
    const w15 = v128.load(block + ((at + 16) & 255));
    const w2 = v128.load(block + ((at + 224) & 255));
    const low = Vector.xor(Vector.rotr(w15, 7), Vector.rotr(w15, 18), i32x4.shr_u(w15, 3));
    const high = Vector.xor(Vector.rotr(w2, 17), Vector.rotr(w2, 19), i32x4.shr_u(w2, 10));
    const sum = i32x4.add(v128.load(block + (at & 255)), v128.load(block + ((at + 144) & 255)));
    const word = i32x4.add(sum, i32x4.add(low, high));
    v128.store(block + (at & 255), word);
    v128.store(schedule + at, i32x4.add(word, v128.load32_splat(SHA256_CONSTANTS + (at >> 2))));
  }
  /** Four words of four blocks, big-endian, turned so that each vector has one word of all lanes. */
  @inline static turn(a: usize, b: usize, c: usize, d: usize, at: usize): void {
    const order = i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
    const w = v128.swizzle(v128.load(a), order);
    const x = v128.swizzle(v128.load(b), order);
    const y = v128.swizzle(v128.load(c), order);
    const z = v128.swizzle(v128.load(d), order);
    const wx = v128.shuffle<i32>(w, x, 0, 4, 1, 5);
    const yz = v128.shuffle<i32>(y, z, 0, 4, 1, 5);
    const wxHigh = v128.shuffle<i32>(w, x, 2, 6, 3, 7);
    const yzHigh = v128.shuffle<i32>(y, z, 2, 6, 3, 7);
    Vector.put(at, v128.shuffle<i64>(wx, yz, 0, 2));
    Vector.put(at + 16, v128.shuffle<i64>(wx, yz, 1, 3));
    Vector.put(at + 32, v128.shuffle<i64>(wxHigh, yzHigh, 0, 2));
    Vector.put(at + 48, v128.shuffle<i64>(wxHigh, yzHigh, 1, 3));
  }
  @inline static put(at: usize, word: v128): void {
    v128.store(block + at, word);
    v128.store(schedule + at, i32x4.add(word, v128.load32_splat(SHA256_CONSTANTS + (at >> 2))));
  }
  @inline static addState(at: usize, change: v128): void {
    v128.store(state + at, i32x4.add(v128.load(state + at), change));
  }
}

/** Mixes one block of each lane into the state. */
function compress(atA: usize, atB: usize, atC: usize, atD: usize): void {
  for (let i: usize = 0; i < 64; i += 16) Vector.turn(atA + i, atB + i, atC + i, atD + i, i << 2);
  for (let i: usize = 256; i < 1024; i += 64) {
    Vector.word(i);
    Vector.word(i + 16);
    Vector.word(i + 32);
    Vector.word(i + 48);
  }
  let a = v128.load(state, 0);
  let b = v128.load(state, 16);
  let c = v128.load(state, 32);
  let d = v128.load(state, 48);
  let e = v128.load(state, 64);
  let f = v128.load(state, 80);
  let g = v128.load(state, 96);
  let h = v128.load(state, 112);
  for (let i: usize = 0; i < 1024; i += 128) {
    let t = Vector.first(e, f, g, h, i);
    d = i32x4.add(d, t);
    h = i32x4.add(t, Vector.second(a, b, c));
    t = Vector.first(d, e, f, g, i + 16);
    c = i32x4.add(c, t);
    g = i32x4.add(t, Vector.second(h, a, b));
    t = Vector.first(c, d, e, f, i + 32);
    b = i32x4.add(b, t);
    f = i32x4.add(t, Vector.second(g, h, a));
    t = Vector.first(b, c, d, e, i + 48);
    a = i32x4.add(a, t);
    e = i32x4.add(t, Vector.second(f, g, h));
    t = Vector.first(a, b, c, d, i + 64);
    h = i32x4.add(h, t);
    d = i32x4.add(t, Vector.second(e, f, g));
    t = Vector.first(h, a, b, c, i + 80);
    g = i32x4.add(g, t);
    c = i32x4.add(t, Vector.second(d, e, f));
    t = Vector.first(g, h, a, b, i + 96);
    f = i32x4.add(f, t);
    b = i32x4.add(t, Vector.second(c, d, e));
    t = Vector.first(f, g, h, a, i + 112);
    e = i32x4.add(e, t);
    a = i32x4.add(t, Vector.second(b, c, d));
  }
  Vector.addState(0, a);
  Vector.addState(16, b);
  Vector.addState(32, c);
  Vector.addState(48, d);
  Vector.addState(64, e);
  Vector.addState(80, f);
  Vector.addState(96, g);
  Vector.addState(112, h);
}

function laneAt(lane: u32): usize {
  return lanes + <usize>lane * LANE_BYTES;
}

/** Starts a leaf in a lane: a zero byte, the body, the padding. */
function startLane(lane: u32, index: u32, body: usize, bytes: usize): void {
  const at = laneAt(lane);
  const total = bytes + 1;
  const whole = total >> 6;
  const left = total & 63;
  const isShort = left < 56;
  memory.fill(at, 0, LANE_BYTES);
  store<u32>(at + LANE_INDEX, index);
  store<u32>(at + LANE_BODY, <u32>body);
  store<u32>(at + LANE_WHOLE, <u32>whole);
  store<u32>(at + LANE_BLOCKS, <u32>whole + (isShort ? 1 : 2));
  memory.copy(at + LANE_LEAD + 1, body, min<usize>(bytes, 63));
  const tail = at + LANE_TAIL;
  memory.copy(tail, whole == 0 ? at + LANE_LEAD : body + bytes - left, left);
  store<u8>(tail + left, 0x80);
  store<u64>(tail + (isShort ? 56 : 120), bswap<u64>((<u64>total) << 3));
  for (let i: usize = 0; i < 8; i++) {
    store<u32>(state + (i << 4) + ((<usize>lane) << 2), load<u32>(SHA256_START + (i << 2)));
  }
}

/** Where the next block of a lane stands. Of an idle one any bytes: nobody looks at what becomes of them. */
function nextBlock(lane: u32): usize {
  const at = laneAt(lane);
  if (load<u32>(at + LANE_INDEX) == IDLE) return at + LANE_TAIL;
  const block = load<u32>(at + LANE_BLOCK);
  const whole = load<u32>(at + LANE_WHOLE);
  store<u32>(at + LANE_BLOCK, block + 1);
  if (block >= whole) return at + LANE_TAIL + ((<usize>(block - whole)) << 6);
  return block == 0 ? at + LANE_LEAD : <usize>load<u32>(at + LANE_BODY) - 1 + ((<usize>block) << 6);
}

function writeDigest(lane: u32, digest: usize): void {
  for (let i: usize = 0; i < 8; i++) {
    store<u32>(digest + (i << 2), bswap<u32>(load<u32>(state + (i << 4) + ((<usize>lane) << 2))));
  }
}

/**
 * leaf = SHA-256(0x00 || body) of `count` bodies.
 *
 * @param bodies address u32 and bytes u32 of each
 * @param leaves where their digests go, 32 bytes each
 */
export function leavesOf(bodies: usize, count: u32, leaves: usize): void {
  let next: u32 = 0;
  let done: u32 = 0;
  for (let lane: u32 = 0; lane < LANES; lane++) store<u32>(laneAt(lane) + LANE_INDEX, IDLE);
  while (true) {
    for (let lane: u32 = 0; lane < LANES; lane++) {
      const at = laneAt(lane);
      const index = load<u32>(at + LANE_INDEX);
      if (index != IDLE) {
        if (load<u32>(at + LANE_BLOCK) < load<u32>(at + LANE_BLOCKS)) continue;
        writeDigest(lane, leaves + ((<usize>index) << 5));
        store<u32>(at + LANE_INDEX, IDLE);
        done++;
      }
      if (next == count) continue;
      const body = bodies + ((<usize>next) << 3);
      startLane(lane, next, <usize>load<u32>(body), <usize>load<u32>(body, 4));
      next++;
    }
    if (done == count) return;
    compress(nextBlock(0), nextBlock(1), nextBlock(2), nextBlock(3));
  }
}
