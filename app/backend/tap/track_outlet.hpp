// TrackOutlet: where one track's packets of one connection to a back end go, and what its two
// sides, RTP and RTCP, know of each other. With UDP these are two threads.
#pragma once

#include "app/backend/tap/ledger.hpp"
#include "plugins/rtp/sender_report.hpp"
#include "plugins/support/guarded.hpp"
#include "plugins/support/ref.hpp"

#include <gst/gst.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace rtspproxy::backend {

class TrackOutlet {
  public:
    // `sink`: of the payloader. `on_goodbye` is called in the RTCP thread.
    TrackOutlet(Ref<GstPad> sink, std::shared_ptr<TrackLedger> ledger,
                std::function<void()> on_goodbye)
        : sink_(std::move(sink)), ledger_(std::move(ledger)), on_goodbye_(std::move(on_goodbye)) {}

    // RTP thread
    // Once, before the first packet: tells the payloader of the new connection.
    void begin(GstCaps* caps);
    [[nodiscard]] bool begun() const { return begun_; }
    void set_source(std::uint32_t ssrc);
    // Under which rtspsrc's session knows the source.
    void set_alias(std::uint32_t ssrc);
    void push(Ref<GstBufferList> packets);
    [[nodiscard]] TrackLedger& ledger() { return *ledger_; }

    // RTCP thread: takes what the back end reports. Returns what rtspsrc's session gets of it;
    // null: nothing.
    [[nodiscard]] Ref<GstBuffer> take_rtcp(GstBuffer* compound);

    // What rtspsrc's session reports to the back end: of the source as that calls it. Any thread.
    void edit_report(std::span<std::uint8_t> compound) const;

    // Whether the source has said goodbye, and nothing has come since. Any thread.
    [[nodiscard]] bool left() const { return left_.load(); }

  private:
    struct Reports {
        // The newest of the source that has the track, until it is passed on; and of another one,
        // which may be about to take it over.
        std::optional<rtp::SenderReport> own, other;
    };

    const Ref<GstPad> sink_;
    const std::shared_ptr<TrackLedger> ledger_;
    const std::function<void()> on_goodbye_;
    bool begun_ = false; // RTP thread
    Guarded<Reports> reports_;
    std::atomic<bool> has_report_{false}; // of its own
    std::atomic<bool> left_{false};
    std::atomic<bool> has_source_{false}, has_alias_{false};
    std::atomic<std::uint32_t> source_{0}, alias_{0};
};

} // namespace rtspproxy::backend
