// Continuity: makes one unbroken RTP stream out of what a back end sends across reconnects.
//
// Within one source the three fields that it touches (sequence number, timestamp, SSRC) keep their
// differences, gaps included. When the source changes (resume(), another SSRC, or a clock that
// jumps), the outgoing sequence number continues with last + 1 and the timestamp with last +
// elapsed time.
#pragma once

#include <cstdint>
#include <optional>

namespace rtspproxy::rtp {

class Continuity {
  public:
    struct Fields {
        std::uint16_t sequence = 0;
        std::uint32_t timestamp = 0;
        std::uint32_t ssrc = 0;
    };
    // What the outgoing stream starts with; an empty one keeps the first back end's value.
    struct Start {
        std::optional<std::uint16_t> sequence;
        std::optional<std::uint32_t> timestamp;
        std::optional<std::uint32_t> ssrc;
    };

    explicit Continuity(Start start, std::uint32_t clock_rate = 90000)
        : start_(start), clock_rate_(clock_rate) {}

    void set_clock_rate(std::uint32_t clock_rate) { clock_rate_ = clock_rate; }

    // The next packet comes from another connection to the back end.
    void resume() { source_changed_ = true; }

    // Fields with which a packet of the back end leaves. `now`: monotonic nanoseconds.
    [[nodiscard]] Fields map(const Fields& in, std::uint64_t now);
    // Likewise, of a packet whose timestamp may be of another clock than the source's others: one
    // of another payload type. Its timestamp is no jump, and nothing is told by it.
    [[nodiscard]] Fields map_aside(const Fields& in, std::uint64_t now);

    // Whether anything has left yet, and the sequence number and timestamp that come next: what a
    // payloader's `seqnum` and `timestamp` properties say.
    [[nodiscard]] bool started() const { return started_; }
    [[nodiscard]] Fields next() const;
    // The source that packets come from now, and what its timestamps are shifted by.
    [[nodiscard]] std::uint32_t source_ssrc() const { return last_in_.ssrc; }
    [[nodiscard]] std::uint32_t timestamp_offset() const { return timestamp_offset_; }
    // How often a source changed without resume(): another SSRC, or a jump of its clock.
    [[nodiscard]] std::uint64_t discontinuities() const { return discontinuities_; }

  private:
    // `elapsed`: nanoseconds since the packet before.
    [[nodiscard]] bool beyond_comparison(std::uint64_t elapsed) const;
    [[nodiscard]] bool jumped(const Fields& in, std::uint64_t elapsed) const;
    void begin(const Fields& in);
    void splice(const Fields& in, std::uint64_t elapsed);

    Start start_;
    std::uint32_t clock_rate_;
    bool started_ = false;
    bool source_changed_ = false;
    std::uint64_t discontinuities_ = 0;

    std::uint16_t sequence_offset_ = 0;
    std::uint32_t timestamp_offset_ = 0;
    Fields last_in_;
    Fields last_out_;                    // newest packet that left
    std::uint32_t newest_timestamp_ = 0; // highest timestamp that left: B-frames go back and forth
    std::uint64_t last_time_ = 0;
};

} // namespace rtspproxy::rtp
