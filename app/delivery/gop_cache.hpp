// GopCache: what a client that joins is sent first, so that it has a picture at once.
//
// Of a track with key frames it holds everything since the last one, and what precedes that without
// a picture in it: parameter sets may come in access units of their own. Of a track that goes with
// another (sound) it holds the same stretch of time, so that both start together.
#pragma once

#include "app/delivery/access_unit.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace rtspproxy::delivery {

class GopCache {
  public:
    enum class Kind {
        KeyFrames, // video whose key frames can be told: everything since the last one
        Companion, // anything else: the last kCompanionSpan
    };
    // Longest stretch of a companion that is kept, in nanoseconds; no GOP is expected to be longer.
    static constexpr std::uint64_t kCompanionSpan = 12'000'000'000;
    // A stream that has been silent for so long (nanoseconds) has nothing to show any more.
    static constexpr std::uint64_t kStale = 5'000'000'000;

    // A GOP of more than `max_bytes` is not kept; clients then start with what comes next. 0 keeps
    // nothing.
    GopCache(Kind kind, std::size_t max_bytes) : kind_(kind), max_bytes_(max_bytes) {}

    void add(const AccessUnitPtr& unit);
    void clear();

    // When a client that joins `now` would start, by arrival; nothing if there is no picture group.
    [[nodiscard]] std::optional<std::uint64_t> start(std::uint64_t now) const;
    // What such a client gets: the picture group, or of a companion what arrived at `from` or
    // later.
    [[nodiscard]] std::vector<AccessUnitPtr> burst(std::uint64_t from, std::uint64_t now) const;

    [[nodiscard]] Kind kind() const { return kind_; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

  private:
    void begin_group();
    void drop_oldest();
    [[nodiscard]] bool stale(std::uint64_t now) const;

    const Kind kind_;
    const std::size_t max_bytes_;
    std::deque<AccessUnitPtr> units_;
    std::size_t bytes_ = 0;
    bool begun_ = false; // KeyFrames: there is the start of a picture group in it
};

} // namespace rtspproxy::delivery
