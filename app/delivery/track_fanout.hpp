// TrackFanout: gives each access unit of one track to all clients that play it, and keeps the last
// ones for those that join.
//
// What an access unit costs: one lock for all clients; for each client one call.
#pragma once

#include "app/delivery/gop_cache.hpp"
#include "app/delivery/receiver.hpp"
#include "plugins/rtp/key_frame.hpp"
#include "plugins/rtp/sender_report.hpp"
#include "plugins/support/guarded.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace rtspproxy::delivery {

class TrackFanout {
  public:
    struct Format {
        bool video = false;
        rtp::Codec codec = rtp::Codec::Unknown;
        std::uint32_t clock_rate = 90000;
        std::uint8_t channel = 0; // that most clients will use
    };
    // Where the stream stands: its newest access unit.
    struct Position {
        std::uint16_t next_sequence = 0;
        std::uint32_t timestamp = 0;
        std::uint64_t arrival = 0;
    };
    struct Joined {
        std::vector<AccessUnitPtr> burst;
        std::optional<Position> position; // nothing: no packet has come yet
    };
    struct Counters {
        std::atomic<std::uint64_t> packets{0}, bytes{0}, discarded{0}, kicked{0};
    };

    struct Options {
        std::size_t cache_bytes = 0; // the last GOP is kept if it is no longer; 0: nothing is
        bool batch = true;           // many sends with one system call, where possible
    };

    TrackFanout(const Format& format, const Options& options);
    // Whether a client can start with a picture of such a track.
    [[nodiscard]] static bool can_start(const Format& format) {
        return format.video && format.codec != rtp::Codec::Unknown;
    }

    // streaming thread
    // True if somebody gets packets by UDP, i.e. from those sinks.
    bool publish(const std::shared_ptr<AccessUnit>& unit, bool has_key_frame, std::uint64_t now,
                 bool has_picture = true);
    bool publish_rtcp(const RtcpPtr& packet); // any thread

    // any thread
    [[nodiscard]] const Format& format() const { return format_; }
    // Whether it can be told where a decoder may start.
    [[nodiscard]] bool has_key_frames() const;
    // When a client that joins now would start (see GopCache::start).
    [[nodiscard]] std::optional<std::uint64_t> start(std::uint64_t now);
    [[nodiscard]] std::optional<Position> position() { return state_.lock()->position; }
    void forget_pictures(); // clients that join begin with what comes, until a key frame does
    // From this moment on the receiver gets what is published; what it is to begin with is
    // returned. `from`: where other tracks of its session start; nothing: no burst.
    [[nodiscard]] Joined join(const ReceiverPtr& receiver, std::optional<std::uint64_t> from,
                              std::uint64_t now);
    // The same for a client whose packets the pipeline's own sinks send.
    [[nodiscard]] Joined join_udp(std::optional<std::uint64_t> from, std::uint64_t now);
    void begin(Receiver& receiver, std::vector<AccessUnitPtr> burst);
    void leave(const ReceiverPtr& receiver);
    void leave_udp();

    [[nodiscard]] const Counters& counters() const { return counters_; }
    // Of the stream, however many clients get it: what sender reports say of it.
    [[nodiscard]] rtp::SentCounts sent() const {
        return {sent_packets_.load(), sent_octets_.load()};
    }

  private:
    using Receivers = std::vector<ReceiverPtr>;
    struct State {
        explicit State(GopCache empty) : cache(std::move(empty)) {}
        GopCache cache;
        std::shared_ptr<const Receivers> receivers = std::make_shared<Receivers>();
        std::optional<Position> position;
        unsigned udp_clients = 0;
    };

    [[nodiscard]] Joined look(State& state, std::optional<std::uint64_t> from,
                              std::uint64_t now) const;
    [[nodiscard]] Receiver::Outcome deliver(const Receivers& receivers, const AccessUnitPtr& unit);
    static void deliver_batch(std::span<const ReceiverPtr> receivers, const AccessUnitPtr& unit,
                              BatchSender& sender, Receiver::Outcome& sum);
    void count(const Receiver::Outcome& outcome);

    const Format format_;
    const bool caching_;
    const bool batch_;
    Guarded<State> state_;
    Counters counters_;
    std::atomic<std::uint32_t> sent_packets_{0}, sent_octets_{0}; // they wrap, RFC 3550 §6.4.1
    std::optional<std::uint32_t> last_timestamp_;                 // streaming thread
};

} // namespace rtspproxy::delivery
