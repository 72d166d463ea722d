#include "tests/bench/swarm/stream_checker.hpp"

#include "tests/bench/common/bytes.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <utility>

namespace rtspproxy::bench {
namespace {

constexpr Nanoseconds kSilence = 500 * kMillisecond;

VideoFormat format_of(const std::string& encoding) {
    if (encoding == "H264")
        return VideoFormat::H264;
    return encoding == "H265" ? VideoFormat::H265 : VideoFormat::Unknown;
}

} // namespace

StreamChecker::StreamChecker(const MediaSection& media, Totals& totals, StartTotals& starts)
    : totals_(totals), starts_(starts), format_(format_of(media.encoding)),
      video_(media.kind == "video"), clock_rate_(media.clock_rate) {}

StreamChecker::Order StreamChecker::check_sequence(std::uint16_t sequence) {
    if (!started_) {
        last_sequence_ = sequence;
        seen_ = 1;
        return Order::Next;
    }
    const auto step =
        static_cast<std::int16_t>(static_cast<std::uint16_t>(sequence - last_sequence_));
    if (step > 0) {
        if (step > 1) {
            ++totals_.gaps;
            totals_.lost_packets += static_cast<std::uint64_t>(step - 1);
            missing_ += step - 1;
        }
        seen_ = step < 64 ? seen_ << static_cast<unsigned>(step) | 1U : 1U;
        last_sequence_ = sequence;
        return Order::Next;
    }
    const auto back = static_cast<unsigned>(-step);
    if (back >= 64 || (seen_ >> back & 1U) != 0) {
        ++totals_.duplicates;
        return Order::Duplicate;
    }
    seen_ |= std::uint64_t{1} << back;
    ++totals_.reordered;
    // The gap that it fills was counted when the packet after it came.
    totals_.lost_packets -= std::min<std::uint64_t>(totals_.lost_packets, 1);
    return Order::Late;
}

void StreamChecker::check_source(const Header& header) {
    if (started_ && header.ssrc != ssrc_) {
        ++totals_.ssrc_changes;
        started_ = false; // another sender: its sequence numbers begin anywhere
        in_unit_ = false;
        has_clock_base_ = false;
    }
    ssrc_ = header.ssrc;
}

void StreamChecker::check_silence(Nanoseconds now) {
    if (video_ && last_packet_ != 0) {
        const Nanoseconds silence = now - last_packet_;
        totals_.longest_silence = std::max(totals_.longest_silence, silence);
        if (silence > kSilence) {
            ++totals_.resumes;
            after_silence_ = true;
            in_unit_ = false;
        }
    }
    last_packet_ = now;
}

void StreamChecker::on_packet(std::span<const std::uint8_t> packet, Nanoseconds now,
                              Nanoseconds play_sent) {
    std::size_t size = 12 + std::size_t{4} * (packet.empty() ? 0U : packet[0] & 0xFU);
    if (packet.size() >= size + 4 && (packet[0] & 0x10U) != 0)
        size += 4 + std::size_t{4} * read_u16(packet, size + 2);
    if (packet.size() < size || packet[0] >> 6U != 2) {
        ++totals_.malformed;
        return;
    }
    const Header header{read_u16(packet, 2), read_u32(packet, 4), read_u32(packet, 8),
                        (packet[1] & 0x80U) != 0, packet.subspan(size)};
    ++totals_.packets;
    totals_.bytes += packet.size();
    if (video_ && last_packet_ == 0)
        starts_.first_packet.add(now - play_sent);
    check_silence(now);
    check_source(header);
    const std::int64_t missing_before = missing_;
    const Order order = check_sequence(header.sequence);
    started_ = true;
    if (video_ && order != Order::Duplicate)
        add_to_unit(header, order, missing_ > missing_before);
    if (marker_seen_)
        finish_unit(now, play_sent);
}

void StreamChecker::add_to_unit(const Header& header, Order order, bool gap_before) {
    const PayloadContent content = inspect_payload(format_, header.payload);
    if (order == Order::Late) {
        if (!in_unit_ || header.timestamp != timestamp_)
            return;
        --missing_;
    } else if (!in_unit_ || header.timestamp != timestamp_) {
        begin_unit(header, gap_before, content);
    }
    after_gap_ = after_gap_ || gap_before;
    unit_key_ = unit_key_ || content.key;
    if (content.mark)
        mark_ = content.mark;
    marker_seen_ = marker_seen_ || header.marker;
}

void StreamChecker::begin_unit(const Header& header, bool gap_before,
                               const PayloadContent& content) {
    if (has_clock_base_ && static_cast<std::int32_t>(header.timestamp - clock_timestamp_) < 0)
        ++totals_.timestamps_back;
    in_unit_ = true;
    timestamp_ = header.timestamp;
    // What is missing before the mark, the first packet of a unit, belongs to the unit before.
    missing_ = gap_before && !content.mark ? 1 : 0;
    unit_key_ = false;
    marker_seen_ = false;
    mark_.reset();
}

// The marker has come. If packets are still missing the unit may yet be completed by late ones.
void StreamChecker::finish_unit(Nanoseconds now, Nanoseconds play_sent) {
    if (!in_unit_ || missing_ != 0)
        return;
    in_unit_ = false;
    if (std::exchange(first_unit_, false) && !unit_key_)
        ++starts_.not_key_starts;
    if (std::exchange(after_silence_, false) && !unit_key_)
        ++totals_.resumes_not_key;
    if (std::exchange(after_gap_, false) && !unit_key_)
        ++totals_.frames_after_gap_not_key;
    if (unit_key_ && !std::exchange(key_seen_, true))
        starts_.first_key_frame.add(now - play_sent);
    ++totals_.frames;
    totals_.key_frames += unit_key_ ? 1 : 0;
    check_clock(now);
    if (!mark_)
        return;
    totals_.latency.add(now - mark_->sent);
    check_number(mark_->number);
}

void StreamChecker::check_number(std::uint64_t number) {
    if (has_number_) {
        if (number > last_number_)
            totals_.lost_frames += number - last_number_ - 1;
        else if (number == last_number_)
            ++totals_.repeated_frames;
        else
            ++totals_.frame_restarts;
    }
    has_number_ = true;
    last_number_ = number;
}

void StreamChecker::check_clock(Nanoseconds now) {
    if (!has_clock_base_) {
        has_clock_base_ = true;
        clock_base_ = now;
        media_time_ = 0;
        clock_timestamp_ = timestamp_;
        return;
    }
    media_time_ += static_cast<std::int32_t>(timestamp_ - clock_timestamp_);
    clock_timestamp_ = timestamp_;
    const Nanoseconds media = media_time_ * kSecond / clock_rate_;
    totals_.clock_deviation =
        std::max(totals_.clock_deviation, std::abs(now - clock_base_ - media));
}

void StreamChecker::on_control(std::span<const std::uint8_t> compound, Nanoseconds now) {
    constexpr std::uint8_t kSenderReport = 200;
    constexpr std::uint8_t kBye = 203;
    while (compound.size() >= 4) {
        const std::size_t size =
            std::min(compound.size(), (std::size_t{read_u16(compound, 2)} + 1) * 4);
        if (compound[1] == kBye)
            ++totals_.byes;
        if (compound[1] == kSenderReport && size >= 28)
            on_sender_report(compound.first(size), now);
        compound = compound.subspan(size);
    }
}

void StreamChecker::on_sender_report(std::span<const std::uint8_t> report, Nanoseconds now) {
    ++totals_.sender_reports;
    if (!video_ || last_packet_ == 0 || read_u32(report, 4) != ssrc_)
        return;
    const Nanoseconds time =
        from_ntp(static_cast<std::uint64_t>(read_u32(report, 8)) << 32U | read_u32(report, 12));
    const auto ahead = static_cast<std::int32_t>(timestamp_ - read_u32(report, 16));
    const Nanoseconds mapped = time + ahead * kSecond / clock_rate_;
    const Nanoseconds real = read_clock(CLOCK_REALTIME) - (now - last_packet_);
    totals_.report_offset_minimum = std::min(totals_.report_offset_minimum, mapped - real);
    totals_.report_offset_maximum = std::max(totals_.report_offset_maximum, mapped - real);
}

} // namespace rtspproxy::bench
