/**
 * What index and unique-key operations cost in an earlier prototype (B+tree with 32 keys a node, open addressing, random keys
 * of 32 bytes): ns by operation and entries. Compared with where the prototype itself can not be run beside.
 */
export const PUBLISHED_MACHINE = "another 2-core x86-64 machine";

export const PUBLISHED_COSTS: Readonly<Record<string, number>> = {
  "index-insert-1000": 40,
  "index-get-1000": 65,
  "index-delete-1000": 38,
  "index-scan-1000": 158,
  "unique-insert-1000": 10,
  "unique-get-1000": 18,
  "unique-delete-1000": 24,
  "index-insert-100000": 238,
  "index-get-100000": 220,
  "index-delete-100000": 186,
  "index-scan-100000": 414,
  "unique-insert-100000": 229,
  "unique-get-100000": 78,
  "unique-delete-100000": 81,
  "index-insert-1000000": 554,
  "index-get-1000000": 624,
  "index-delete-1000000": 524,
  "index-scan-1000000": 1_336,
  "unique-insert-1000000": 270,
  "unique-get-1000000": 88,
  "unique-delete-1000000": 107,
};
