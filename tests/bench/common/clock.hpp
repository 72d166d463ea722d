// The clock that every time in the benchmark is read from: CLOCK_MONOTONIC, in nanoseconds.
#pragma once

#include <ctime>

#include <cstdint>

namespace rtspproxy::bench {

using Nanoseconds = std::int64_t;

inline constexpr Nanoseconds kMillisecond = 1'000'000;
inline constexpr Nanoseconds kSecond = 1'000'000'000;

[[nodiscard]] inline Nanoseconds read_clock(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<Nanoseconds>(time.tv_sec) * kSecond + time.tv_nsec;
}
[[nodiscard]] inline Nanoseconds monotonic_now() {
    return read_clock(CLOCK_MONOTONIC);
}

[[nodiscard]] inline Nanoseconds from_seconds(double seconds) {
    return static_cast<Nanoseconds>(seconds * static_cast<double>(kSecond));
}
[[nodiscard]] inline double to_seconds(Nanoseconds time) {
    return static_cast<double>(time) / static_cast<double>(kSecond);
}
[[nodiscard]] inline double to_milliseconds(Nanoseconds time) {
    return static_cast<double>(time) / static_cast<double>(kMillisecond);
}

// Seconds between the NTP era (1900) and the Unix epoch.
inline constexpr std::int64_t kNtpOffset = 2'208'988'800;

// A 64-bit NTP time stamp (32.32 fixed point) of a wall-clock time.
[[nodiscard]] inline std::uint64_t to_ntp(Nanoseconds wall) {
    const auto seconds = static_cast<std::uint64_t>(wall / kSecond + kNtpOffset);
    const auto fraction =
        (static_cast<std::uint64_t>(wall % kSecond) << 32U) / static_cast<std::uint64_t>(kSecond);
    return seconds << 32U | fraction;
}
[[nodiscard]] inline Nanoseconds from_ntp(std::uint64_t ntp) {
    const auto seconds = static_cast<std::int64_t>(ntp >> 32U) - kNtpOffset;
    const auto fraction = static_cast<std::int64_t>(
        ((ntp & 0xFFFFFFFFU) * static_cast<std::uint64_t>(kSecond)) >> 32U);
    return seconds * kSecond + fraction;
}

} // namespace rtspproxy::bench
