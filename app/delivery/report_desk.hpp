// ReportDesk: takes what the players of one track send as RTCP, keeps what each said last, and
// counts. None of it reaches the RTP session that serves them: that would take a player which uses
// the stream's own SSRC for a collision, say BYE to all others, and keep a source for each SSRC.
#pragma once

#include "plugins/fanout/socket_address.hpp"
#include "plugins/rtp/receiver_report.hpp"
#include "plugins/support/guarded.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace rtspproxy::delivery {

// One player of one track. All methods: any thread.
class Reporter {
  public:
    struct Latest {
        rtp::ReceiverReport report;
        std::uint64_t arrival = 0; // monotonic nanoseconds
    };
    enum class Verdict { Taken, Malformed, Excess };

    // `ssrc`: of the track. `alive` is called when a report was taken, at most once a second.
    Reporter(std::uint32_t ssrc, std::function<void()> alive)
        : ssrc_(ssrc), alive_(std::move(alive)) {}

    Verdict take(std::span<const std::uint8_t> packet, std::uint64_t now);
    // What it said last of the track; nothing: not a word yet.
    [[nodiscard]] std::optional<Latest> latest() { return state_.lock()->latest; }

  private:
    struct State {
        std::optional<Latest> latest;
        std::optional<std::uint64_t> second, alive; // when they began
        unsigned in_second = 0;
    };

    const std::uint32_t ssrc_;
    const std::function<void()> alive_;
    Guarded<State> state_;
};

// All methods: any thread.
class ReportDesk {
  public:
    // Where a report comes from: over UDP an address; else the number of what stands for the
    // connection.
    using Source = std::variant<fanout::SocketAddress, std::uintptr_t>;
    // In packets.
    struct Counters {
        std::atomic<std::uint64_t> taken{0}, foreign{0}, malformed{0}, excess{0};
    };

  private:
    using Reporters = std::multimap<Source, std::shared_ptr<Reporter>>;

  public:
    // While it lives, reports of these sources are the reporter's.
    class Place {
      public:
        Place(std::shared_ptr<ReportDesk> desk, const std::vector<Source>& sources,
              std::shared_ptr<Reporter> reporter);
        ~Place();
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        [[nodiscard]] Reporter& reporter() const { return *reporter_; }

      private:
        const std::shared_ptr<ReportDesk> desk_;
        const std::shared_ptr<Reporter> reporter_;
        std::vector<Reporters::iterator> entries_;
    };

    // If two have taken their places with the same source, it is the later one's.
    void take(const Source& source, std::span<const std::uint8_t> packet, std::uint64_t now);
    void refuse_foreign() { counters_.foreign.fetch_add(1, std::memory_order_relaxed); }

    [[nodiscard]] const Counters& counters() const { return counters_; }

  private:
    [[nodiscard]] std::shared_ptr<Reporter> find(const Source& source);

    Guarded<Reporters> reporters_;
    Counters counters_;
};

} // namespace rtspproxy::delivery
