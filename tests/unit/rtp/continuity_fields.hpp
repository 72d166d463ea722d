// What the tests of Continuity share.
#pragma once

#include "plugins/rtp/continuity.hpp"

#include <cstdint>
#include <optional>
#include <ostream>
#include <random>

namespace rtspproxy::rtp {

// Found by gtest, by way of the argument's namespace.
inline bool operator==(const Continuity::Fields& left, const Continuity::Fields& right) {
    return left.sequence == right.sequence && left.timestamp == right.timestamp &&
           left.ssrc == right.ssrc;
}
inline std::ostream& operator<<(std::ostream& stream, const Continuity::Fields& fields) {
    return stream << "{" << fields.sequence << ", " << fields.timestamp << ", " << fields.ssrc
                  << "}";
}

namespace tests {

using Fields = Continuity::Fields;

inline constexpr std::uint64_t kMillisecond = 1'000'000;
inline constexpr std::uint64_t kSecond = 1'000 * kMillisecond;
inline constexpr std::uint64_t kFrame = 40 * kMillisecond; // 25 a second
inline constexpr std::uint32_t kRate = 90000;
inline constexpr std::uint32_t kSsrc = 0xcafe;

// A stream that starts with these values; std::nullopt keeps the back end's.
inline Continuity starting_with(std::optional<std::uint16_t> sequence,
                                std::optional<std::uint32_t> timestamp = {},
                                std::optional<std::uint32_t> ssrc = {}) {
    Continuity::Start start;
    start.sequence = sequence;
    start.timestamp = timestamp;
    start.ssrc = ssrc;
    return Continuity(start, kRate);
}

// The same numbers in every run.
class Random {
  public:
    explicit Random(unsigned seed) : engine_(seed) {}
    std::uint32_t next() { return static_cast<std::uint32_t>(engine_()); }
    std::uint32_t below(std::uint32_t limit) { return next() % limit; }
    std::uint16_t next16() { return static_cast<std::uint16_t>(engine_()); }

  private:
    std::mt19937 engine_;
};

} // namespace tests
} // namespace rtspproxy::rtp
