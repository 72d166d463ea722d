// A back end's packets in any order, with any numbers and at any time, through the reorder queue,
// the continuity and the grouper, each of which keeps what it promises.
#include "plugins/rtp/access_unit.hpp"
#include "plugins/rtp/continuity.hpp"
#include "plugins/rtp/packet.hpp"
#include "plugins/rtp/reorder.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <optional>
#include <set>
#include <span>

using namespace rtspproxy::rtp;

namespace {

constexpr std::size_t kStepSize = 8;
constexpr std::uint64_t kMicrosecond = 1000;

// Eight bytes of the input: what happens, and by how much the numbers and the time move.
struct Step {
    unsigned kind;
    bool marker;
    std::uint16_t sequence_step;
    std::uint16_t timestamp_step; // of 16 ticks
    std::uint64_t time_step;      // nanoseconds
};

Step read_step(const std::uint8_t* data) {
    const std::span<const std::uint8_t> bytes(data, kStepSize);
    // Squared, so that both a packet's and an outage's time can be said.
    const std::uint64_t time = read_u16(bytes, 6);
    return {bytes[0] % 16U, (bytes[1] & 1U) != 0, read_u16(bytes, 2), read_u16(bytes, 4),
            time * time * kMicrosecond};
}

class Reorder {
  public:
    void push(std::uint16_t sequence, std::uint64_t now) {
        waiting_.insert(pushed_);
        queue_.push(sequence, now, std::uint64_t{pushed_++},
                    [this](std::uint64_t&& item) { emitted(item); });
        check();
    }
    void flush() {
        queue_.flush([this](std::uint64_t&& item) { emitted(item); });
        FUZZ_CHECK(held() == 0);
    }
    void clear() {
        cleared_ += held();
        queue_.clear();
    }
    void set_latency(std::uint64_t latency) { queue_.set_latency(latency); }

  private:
    void emitted(std::uint64_t item) {
        FUZZ_CHECK(waiting_.erase(item) == 1); // each once
        ++emitted_;
    }
    [[nodiscard]] std::uint64_t held() const {
        return pushed_ - emitted_ - queue_.counters().dropped - cleared_;
    }
    void check() const { FUZZ_CHECK(held() <= 2048); }

    ReorderQueue<std::uint64_t> queue_{20'000'000};
    std::set<std::uint64_t> waiting_; // and what was dropped
    std::uint64_t pushed_ = 0, emitted_ = 0, cleared_ = 0;
};

class Grouping {
  public:
    void add(std::uint32_t timestamp, bool marker, std::uint64_t now) {
        const auto decision = grouper_.add(timestamp, marker, now);
        FUZZ_CHECK(!decision.flush_before || pending_);
        if (decision.flush_before)
            pending_.reset();
        FUZZ_CHECK(!pending_ || *pending_ == timestamp);
        FUZZ_CHECK(!marker || decision.flush_after);
        pending_ = decision.flush_after ? std::nullopt : std::optional(timestamp);
    }
    void reset() {
        grouper_.reset();
        pending_.reset();
    }

  private:
    AccessUnitGrouper grouper_{true, 5'000'000};
    std::optional<std::uint32_t> pending_; // timestamp of the group
};

class Stream {
  public:
    void map(const Continuity::Fields& in, std::uint64_t now) {
        const auto expected = continuity_.next();
        const bool started = continuity_.started();
        const auto out = continuity_.map(in, now);
        FUZZ_CHECK(continuity_.started());
        if (started) {
            FUZZ_CHECK(out.ssrc == expected.ssrc);
            if (resumed_ || in.ssrc != ssrc_)
                FUZZ_CHECK(out.sequence == expected.sequence);
        }
        const auto next = continuity_.next();
        FUZZ_CHECK(next.ssrc == out.ssrc);
        // The stream's end is behind what has just left, unless that came late.
        const int ahead = sequence_distance(out.sequence, next.sequence);
        FUZZ_CHECK(ahead >= 1 && ahead <= kMaxMisorder + 1);
        resumed_ = false;
        ssrc_ = ahead == 1 ? in.ssrc : ssrc_;
    }
    void resume() {
        resumed_ = true;
        continuity_.resume();
    }
    void set_clock_rate(std::uint32_t rate) { continuity_.set_clock_rate(rate); }
    void save() { saved_ = {continuity_, resumed_, ssrc_}; }
    void restore() {
        continuity_ = saved_.continuity;
        resumed_ = saved_.resumed;
        ssrc_ = saved_.ssrc;
    }

  private:
    struct Saved {
        Continuity continuity{Continuity::Start{}};
        bool resumed = false;
        std::uint32_t ssrc = 0;
    };
    Continuity continuity_{Continuity::Start{}};
    bool resumed_ = false;
    std::uint32_t ssrc_ = 0; // of the newest packet
    Saved saved_;
};

class Run {
  public:
    void take(const Step& step) {
        now_ += step.time_step;
        switch (step.kind) {
        case 0:
            stream_.resume();
            return;
        case 1:
            ssrc_ += step.sequence_step;
            return;
        case 2:
            stream_.set_clock_rate(step.timestamp_step);
            return;
        case 3:
            step.marker ? stream_.save() : stream_.restore();
            return;
        case 4:
            reorder_.set_latency(std::uint64_t{step.timestamp_step} * 1'000'000);
            return;
        case 5:
            step.marker ? reorder_.flush() : reorder_.clear();
            grouping_.reset();
            return;
        default:
            packet(step);
        }
    }
    void end() { reorder_.flush(); }

  private:
    void packet(const Step& step) {
        sequence_ = static_cast<std::uint16_t>(sequence_ + step.sequence_step);
        timestamp_ += std::uint32_t{step.timestamp_step} * 16;
        reorder_.push(sequence_, now_);
        grouping_.add(timestamp_, step.marker, now_);
        stream_.map({sequence_, timestamp_, ssrc_}, now_);
    }

    std::uint64_t now_ = 0;
    std::uint16_t sequence_ = 0;
    std::uint32_t timestamp_ = 0, ssrc_ = 0;
    Reorder reorder_;
    Grouping grouping_;
    Stream stream_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Run run;
    for (std::size_t at = 0; at + kStepSize <= size; at += kStepSize)
        run.take(read_step(data + at));
    run.end();
    return 0;
}
