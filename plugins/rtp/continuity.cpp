#include "plugins/rtp/continuity.hpp"

#include "plugins/rtp/packet.hpp"

#include <algorithm>
#include <cstdlib>

namespace rtspproxy::rtp {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
// A back end whose timestamps leave the wall clock by more than this between two packets has
// restarted its clock; no player would follow.
constexpr std::uint64_t kClockJumpSeconds = 10;

std::uint32_t to_ticks(std::uint64_t nanoseconds, std::uint32_t clock_rate) {
    const std::uint64_t seconds = nanoseconds / kSecond;
    const std::uint64_t rest = nanoseconds % kSecond;
    return static_cast<std::uint32_t>(seconds * clock_rate + rest * clock_rate / kSecond);
}

} // namespace

Continuity::Fields Continuity::map(const Fields& in, std::uint64_t now) {
    const std::uint64_t elapsed = now > last_time_ ? now - last_time_ : 0;
    if (!started_) {
        begin(in);
    } else if (source_changed_) {
        splice(in, elapsed);
    } else if (in.ssrc != last_in_.ssrc || jumped(in, elapsed)) {
        ++discontinuities_;
        splice(in, elapsed);
    }
    source_changed_ = false;

    Fields out;
    out.sequence = static_cast<std::uint16_t>(in.sequence + sequence_offset_);
    out.timestamp = in.timestamp + timestamp_offset_;
    out.ssrc = start_.ssrc.value_or(in.ssrc);
    if (!started_ || timestamp_distance(newest_timestamp_, out.timestamp) > 0 ||
        beyond_comparison(elapsed))
        newest_timestamp_ = out.timestamp;
    // A packet that comes late must not pull the end of the stream back.
    const std::int16_t ahead = sequence_distance(last_out_.sequence, out.sequence);
    if (!started_ || ahead > 0 || ahead < -kMaxMisorder) {
        last_out_ = out;
        last_in_ = in;
    }
    last_time_ = now;
    started_ = true;
    return out;
}

Continuity::Fields Continuity::map_aside(const Fields& in, std::uint64_t now) {
    if (!started_ || source_changed_ || in.ssrc != last_in_.ssrc)
        return map(in, now);
    const Fields out{static_cast<std::uint16_t>(in.sequence + sequence_offset_),
                     in.timestamp + timestamp_offset_, last_out_.ssrc};
    if (sequence_distance(last_out_.sequence, out.sequence) > 0)
        last_out_.sequence = out.sequence;
    return out;
}

Continuity::Fields Continuity::next() const {
    if (!started_)
        return {start_.sequence.value_or(0), start_.timestamp.value_or(0), start_.ssrc.value_or(0)};
    return {static_cast<std::uint16_t>(last_out_.sequence + 1), newest_timestamp_, last_out_.ssrc};
}

// Past half the timestamp's range the distance of two says nothing.
bool Continuity::beyond_comparison(std::uint64_t elapsed) const {
    return clock_rate_ != 0 && elapsed / kSecond > (std::uint64_t{1} << 31) / clock_rate_;
}

bool Continuity::jumped(const Fields& in, std::uint64_t elapsed) const {
    if (clock_rate_ == 0 || beyond_comparison(elapsed))
        return false;
    const std::int64_t moved = timestamp_distance(last_in_.timestamp, in.timestamp);
    const std::int64_t expected = static_cast<std::int64_t>(elapsed / kSecond * clock_rate_);
    return std::abs(moved - expected) > static_cast<std::int64_t>(kClockJumpSeconds * clock_rate_);
}

void Continuity::begin(const Fields& in) {
    sequence_offset_ =
        static_cast<std::uint16_t>(start_.sequence.value_or(in.sequence) - in.sequence);
    timestamp_offset_ = start_.timestamp.value_or(in.timestamp) - in.timestamp;
    if (!start_.ssrc)
        start_.ssrc = in.ssrc; // clients must never see it change
}

void Continuity::splice(const Fields& in, std::uint64_t elapsed) {
    const std::uint32_t ticks = std::max<std::uint32_t>(1, to_ticks(elapsed, clock_rate_));
    sequence_offset_ = static_cast<std::uint16_t>(last_out_.sequence + 1 - in.sequence);
    timestamp_offset_ = newest_timestamp_ + ticks - in.timestamp;
}

} // namespace rtspproxy::rtp
