// StreamChecker: follows one track of one client and counts everything that is wrong with it.
#pragma once

#include "tests/bench/client/session_description.hpp"
#include "tests/bench/swarm/nal_inspector.hpp"
#include "tests/bench/swarm/totals.hpp"

#include <cstdint>
#include <span>

namespace rtspproxy::bench {

class StreamChecker {
  public:
    StreamChecker(const MediaSection& media, Totals& totals, StartTotals& starts);

    // `play_sent` is when PLAY was sent.
    void on_packet(std::span<const std::uint8_t> packet, Nanoseconds now, Nanoseconds play_sent);
    void on_control(std::span<const std::uint8_t> compound, Nanoseconds now);
    // Forgets what `totals` was compared with: times, not sequence numbers.
    void restart_clock() { has_clock_base_ = false; }
    [[nodiscard]] Nanoseconds last_packet() const { return last_packet_; }

  private:
    enum class Order { Next, Late, Duplicate };
    struct Header {
        std::uint16_t sequence;
        std::uint32_t timestamp;
        std::uint32_t ssrc;
        bool marker;
        std::span<const std::uint8_t> payload;
    };

    [[nodiscard]] Order check_sequence(std::uint16_t sequence);
    void check_source(const Header& header);
    void check_silence(Nanoseconds now);
    void add_to_unit(const Header& header, Order order, bool gap_before);
    void begin_unit(const Header& header, bool gap_before, const PayloadContent& content);
    void finish_unit(Nanoseconds now, Nanoseconds play_sent);
    void check_number(std::uint64_t number);
    void check_clock(Nanoseconds now);
    void on_sender_report(std::span<const std::uint8_t> report, Nanoseconds now);

    Totals& totals_;
    StartTotals& starts_;
    VideoFormat format_;
    bool video_;
    std::uint32_t clock_rate_;

    bool started_ = false;
    std::uint32_t ssrc_ = 0;
    std::uint16_t last_sequence_ = 0;
    std::uint64_t seen_ = 0; // bit n: last_sequence_ − n has arrived
    Nanoseconds last_packet_ = 0;

    // The access unit that is arriving.
    bool in_unit_ = false;
    std::uint32_t timestamp_ = 0;
    std::int64_t missing_ = 0; // packets of it that have not come (yet)
    bool unit_key_ = false;
    bool marker_seen_ = false;
    std::optional<FrameMark> mark_;

    bool first_unit_ = true;
    bool key_seen_ = false;
    bool after_gap_ = false;
    bool after_silence_ = false;
    bool has_number_ = false;
    std::uint64_t last_number_ = 0;
    bool has_clock_base_ = false;
    Nanoseconds clock_base_ = 0;
    std::int64_t media_time_ = 0; // in units of clock_rate_, since clock_base_
    std::uint32_t clock_timestamp_ = 0;
};

} // namespace rtspproxy::bench
