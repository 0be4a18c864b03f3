/**
 * What an operation of absl::btree_map and of absl::flat_hash_map costs, over keys of four 64-bit words in random order.
 *
 * Responsible for: the same keys in the same orders as bench/assembly/key-costs.ts, one loop an operation, the time of each.
 * Not responsible for: the containers, which are used as they come: default nodes, allocator and load, nothing reserved.
 *
 * key-costs ENTRIES...   fills and empties both containers for each number of entries, and prints lines of the form
 * "index-insert-1000 57.3": operation and entries, ns an operation.
 */
#include <absl/container/btree_map.h>
#include <absl/container/flat_hash_map.h>
#include <absl/hash/hash.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

namespace {

/** Words are compared one after the other, as the core does; three of them are random, the last one makes keys differ. */
struct Key {
  std::array<uint64_t, 4> words;

  friend bool operator==(const Key& left, const Key& right) { return left.words == right.words; }

  friend bool operator<(const Key& left, const Key& right) {
    for (size_t at = 0; at < 3; at++) {
      if (left.words[at] != right.words[at]) return left.words[at] < right.words[at];
    }
    return left.words[3] < right.words[3];
  }

  template <typename State>
  friend State AbslHashValue(State state, const Key& key) {
    const auto& words = key.words;
    return State::combine(std::move(state), words[0], words[1], words[2], words[3]);
  }
};

/** What an entry leads to: 32 bits, as an address of the core. Never 0. */
using Slot = uint32_t;
using Index = absl::btree_map<Key, Slot>;
using UniqueKeys = absl::flat_hash_map<Key, Slot>;

/** Operations in the order in which they are done and printed. */
constexpr std::array OPERATIONS = {"index-insert",  "index-get",  "index-scan",   "index-delete",
                                   "unique-insert", "unique-get", "unique-delete"};
using Costs = std::array<double, OPERATIONS.size()>;

constexpr uint32_t SCANS_MAX = 20'000;
constexpr uint32_t SCAN_LENGTH = 100;
/** Containers are filled and emptied as often as it takes to do so many operations of each sort. */
constexpr uint32_t OPERATIONS_MIN = 200'000;

/** xorshift64 (Marsaglia 2003), from the same start as in the core's measurement. */
class Random {
 public:
  uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
  }

 private:
  uint64_t state_ = 0x9e3779b97f4a7c15;
};

/** Keys in the order of insertion, and positions in the order of everything else. */
struct Keys {
  std::vector<Key> inserted;
  std::vector<uint32_t> order;

  explicit Keys(uint32_t entries) : inserted(entries), order(entries) {
    Random random;
    for (uint32_t at = 0; at < entries; at++) {
      for (size_t word = 0; word < 3; word++) inserted[at].words[word] = random.next();
      inserted[at].words[3] = at + 1;
      order[at] = at;
    }
    for (uint32_t at = entries - 1; at > 0; at--) std::swap(order[at], order[random.next() % (at + 1)]);
  }

  uint32_t count() const { return static_cast<uint32_t>(inserted.size()); }
};

/** Ends the program unless as much was found as must be. */
void require(const char* what, uint64_t found, uint64_t expected) {
  if (found >= expected) return;
  std::fprintf(stderr, "%s: found %llu, expected %llu\n", what, static_cast<unsigned long long>(found),
               static_cast<unsigned long long>(expected));
  std::exit(1);
}

/** ns that each of `operations` took. */
template <typename Run>
double timed(uint32_t operations, Run run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
  return taken.count() / operations;
}

template <typename Container>
double insertAll(Container& container, const Keys& keys) {
  uint32_t done = 0;
  const double cost = timed(keys.count(), [&] {
    for (uint32_t at = 0; at < keys.count(); at++) {
      done += container.try_emplace(keys.inserted[at], at + 1).second ? 1 : 0;
    }
  });
  require("keys inserted", done, keys.count());
  return cost;
}

template <typename Container>
double getAll(const Container& container, const Keys& keys) {
  uint32_t done = 0;
  const double cost = timed(keys.count(), [&] {
    for (const uint32_t at : keys.order) {
      const auto found = container.find(keys.inserted[at]);
      done += found != container.end() && found->second == at + 1 ? 1 : 0;
    }
  });
  require("keys found", done, keys.count());
  return cost;
}

template <typename Container>
double removeAll(Container& container, const Keys& keys) {
  uint32_t done = 0;
  const double cost = timed(keys.count(), [&] {
    for (const uint32_t at : keys.order) done += container.erase(keys.inserted[at]);
  });
  require("keys removed", done, keys.count());
  return cost;
}

/** Finds random keys and walks SCAN_LENGTH entries from each. */
double scanSome(const Index& index, const Keys& keys) {
  const uint32_t scans = std::min(keys.count(), SCANS_MAX);
  uint64_t entries = 0;
  const double cost = timed(scans, [&] {
    for (uint32_t scan = 0; scan < scans; scan++) {
      auto found = index.lower_bound(keys.inserted[keys.order[scan]]);
      for (uint32_t walked = 0; walked < SCAN_LENGTH && found != index.end(); walked++, ++found) {
        entries += found->second != 0 ? 1 : 0;
      }
    }
  });
  // A scan from one of the last keys ends early.
  require("entries scanned", entries, static_cast<uint64_t>(scans) * SCAN_LENGTH * 9 / 10);
  return cost;
}

/** One filling and emptying of both. */
Costs measureOnce(Index& index, UniqueKeys& uniqueKeys, const Keys& keys) {
  Costs costs{};
  costs[0] = insertAll(index, keys);
  costs[1] = getAll(index, keys);
  costs[2] = scanSome(index, keys);
  costs[3] = removeAll(index, keys);
  costs[4] = insertAll(uniqueKeys, keys);
  costs[5] = getAll(uniqueKeys, keys);
  costs[6] = removeAll(uniqueKeys, keys);
  return costs;
}

void measureSize(uint32_t entries) {
  const Keys keys(entries);
  Index index;
  UniqueKeys uniqueKeys;
  const uint32_t rounds = std::max(1U, (OPERATIONS_MIN + entries - 1) / entries);
  Costs sums{};
  for (uint32_t round = 0; round < rounds; round++) {
    const Costs costs = measureOnce(index, uniqueKeys, keys);
    for (size_t at = 0; at < sums.size(); at++) sums[at] += costs[at];
  }
  for (size_t at = 0; at < sums.size(); at++) {
    std::printf("%s-%u %.3f\n", OPERATIONS[at], entries, sums[at] / rounds);
  }
}

}  // namespace

int main(int count, char** arguments) {
  for (int at = 1; at < count; at++) {
    const unsigned long entries = std::strtoul(arguments[at], nullptr, 10);
    if (entries == 0 || entries >= UINT32_MAX) {
      std::fprintf(stderr, "\"%s\" is no number of entries\n", arguments[at]);
      return 2;
    }
    measureSize(static_cast<uint32_t>(entries));
  }
  return 0;
}
