// What numeric settings may be, whoever they come from.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rtspproxy::settings {

// Both ends are allowed.
template <class T>
struct Range {
    T min;
    T max;
    [[nodiscard]] constexpr bool holds(T value) const { return min <= value && value <= max; }
};

inline constexpr Range<std::uint16_t> kPort{1, 65535};
inline constexpr Range<std::uint16_t> kFrontEndPort{0, 65535}; // 0: any free one
inline constexpr Range<std::chrono::milliseconds> kLatency{std::chrono::milliseconds(0),
                                                           std::chrono::milliseconds(10'000)};
inline constexpr Range<std::chrono::milliseconds> kConnectTimeout{std::chrono::milliseconds(100),
                                                                  std::chrono::hours(1)};
inline constexpr Range<std::chrono::milliseconds> kStallTimeout{std::chrono::milliseconds(100),
                                                                std::chrono::hours(1)};
inline constexpr Range<std::chrono::milliseconds> kIdleTimeout{std::chrono::milliseconds(0),
                                                               std::chrono::hours(24)};
inline constexpr Range<std::chrono::milliseconds> kRegisterGrace{std::chrono::milliseconds(0),
                                                                 std::chrono::hours(24)};
inline constexpr Range<std::chrono::milliseconds> kRegisterTimeout{std::chrono::milliseconds(100),
                                                                   std::chrono::hours(1)};
inline constexpr Range<std::chrono::milliseconds> kAnnounceTimeout{std::chrono::milliseconds(100),
                                                                   std::chrono::hours(1)};
inline constexpr Range<std::size_t> kMaxRegistered{1, 100'000};
inline constexpr Range<std::size_t> kMaxPending{1, 1'000'000};
inline constexpr Range<std::size_t> kMaxConnections{1, 1'000'000};
inline constexpr Range<std::chrono::milliseconds> kRequestTimeout{std::chrono::milliseconds(100),
                                                                  std::chrono::hours(1)};
inline constexpr Range<std::size_t> kMaxRequestBytes{256, 65'536};
inline constexpr Range<std::size_t> kMaxGopBytes{0, std::size_t{1} << 30};
inline constexpr Range<std::size_t> kMaxQueueBytes{65'536, std::size_t{1} << 30};
inline constexpr Range<std::chrono::milliseconds> kStuckTimeout{std::chrono::seconds(1),
                                                                std::chrono::hours(1)};

} // namespace rtspproxy::settings
