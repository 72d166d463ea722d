// CameraClock: what a back end's sender reports say, in terms of the timestamps that leave the
// relay.
#pragma once

#include "plugins/rtp/continuity.hpp"
#include "plugins/rtp/sender_report.hpp"

#include <cstdint>
#include <optional>

namespace rtspproxy::rtp {

class CameraClock {
  public:
    // Another connection to the back end: its next report counts.
    void forget() {
        pending_.reset();
        mapping_.reset();
    }

    // May come before the first packet of its source.
    void report(const SenderReport& report) {
        if (report.tells_time())
            pending_ = report;
    }

    // Packets have left. True if mapping() is another one now.
    bool update(const Continuity& continuity, std::uint32_t clock_rate) {
        const auto before = mapping_;
        const Source source{continuity.source_ssrc(), continuity.timestamp_offset()};
        if (source != source_) // another source, or its clock has jumped
            mapping_.reset();
        source_ = source;
        if (pending_ && pending_->ssrc == source.ssrc && clock_rate != 0) {
            mapping_ =
                ClockMapping{pending_->ntp, pending_->rtp + source.timestamp_offset, clock_rate};
            pending_.reset();
        }
        return mapping_ != before;
    }

    // Nothing until the source's first report.
    [[nodiscard]] const std::optional<ClockMapping>& mapping() const { return mapping_; }

  private:
    struct Source {
        std::uint32_t ssrc = 0;
        std::uint32_t timestamp_offset = 0;
        bool operator==(const Source&) const = default;
    };

    Source source_;
    std::optional<SenderReport> pending_; // of a source that no packet has come from, or brand-new
    std::optional<ClockMapping> mapping_;
};

} // namespace rtspproxy::rtp
