/**
 * Strict UTF-8: the well-formed byte sequences of Unicode 15, table 3-7. Overlong forms, surrogates and code
 * points above U+10FFFF are refused.
 */

function continues(at: usize): bool {
  return (load<u8>(at) & 0xc0) == 0x80;
}

/** Whether `bytes` bytes at `at` are well-formed. */
export function isUtf8(at: usize, bytes: u32): bool {
  const end = at + bytes;
  while (at < end) {
    const lead = <u32>load<u8>(at);
    if (lead < 0x80) {
      at += 1;
    } else if (lead < 0xc2) {
      return false;
    } else if (lead < 0xe0) {
      if (end - at < 2 || !continues(at + 1)) return false;
      at += 2;
    } else if (lead < 0xf0) {
      if (end - at < 3 || !continues(at + 1) || !continues(at + 2)) return false;
      const second = <u32>load<u8>(at, 1);
      if (lead == 0xe0 && second < 0xa0) return false;
      if (lead == 0xed && second > 0x9f) return false;
      at += 3;
    } else if (lead < 0xf5) {
      if (end - at < 4 || !continues(at + 1) || !continues(at + 2) || !continues(at + 3)) return false;
      const second = <u32>load<u8>(at, 1);
      if (lead == 0xf0 && second < 0x90) return false;
      if (lead == 0xf4 && second > 0x8f) return false;
      at += 4;
    } else {
      return false;
    }
  }
  return true;
}
