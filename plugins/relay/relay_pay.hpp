// RelayPay: the working part of element rtprelaypay.
//
// Takes RTP packets of one back-end track, gives them out in lists of one access unit, as one
// unbroken RTP stream (rtp/continuity.hpp). A buffer is a packet, or the frames of several ones
// (rtp/frames.hpp) of one access unit; what comes framed leaves framed, in lists of its own. A
// buffer that is neither is dropped, and counted as one.
//
// Every payload type of the back end leaves as it came, but the main one if the back end calls it
// otherwise than the caps do. The main one is that of the caps, until another has come
// kMainAfter times in a row, or twice where that one has not come at all; key frames and jumps of
// the clock are told by it alone.
//
// What a packet costs: one memory mapping, one header read and three header writes; what comes as
// one list, or one buffer of frames, the check whether to pass it on, one look at the clock and one
// clock query as it leaves. No lock is taken, and nothing is allocated if each list is an access
// unit, as those of a tap are; else the list.
#pragma once

#include "plugins/relay/early_packets.hpp"
#include "plugins/relay/key_frame_gate.hpp"
#include "plugins/relay/relay_pay_settings.hpp"
#include "plugins/rtp/access_unit.hpp"
#include "plugins/rtp/camera_clock.hpp"
#include "plugins/rtp/continuity.hpp"
#include "plugins/rtp/frames.hpp"
#include "plugins/rtp/key_frame.hpp"
#include "plugins/rtp/packet.hpp"
#include "plugins/support/deleter.hpp"
#include "plugins/support/guarded.hpp"
#include "plugins/support/ref.hpp"

#include <gst/gst.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace rtspproxy::relay {

// Of one packet as of several. Nothing if there is anything else in `bytes`.
[[nodiscard]] inline std::optional<rtp::FrameRun> run_of(std::span<const std::uint8_t> bytes) {
    if (rtp::is_framed(bytes))
        return rtp::FrameRun::parse(bytes);
    const auto packet = rtp::PacketView::parse(bytes);
    return packet ? std::optional(rtp::FrameRun::of(*packet)) : std::nullopt;
}

class RelayPay {
  public:
    RelayPay(GstElement* element, GstPad* source_pad)
        : element_(element), source_pad_(source_pad) {}

    // any thread
    Guarded<RelayPaySettings>& settings() { return settings_; }
    [[nodiscard]] std::uint16_t next_sequence();
    [[nodiscard]] std::uint32_t next_timestamp();
    [[nodiscard]] std::uint8_t payload_type();
    [[nodiscard]] StructurePtr stats();
    // Whether packets are passed on: caps have been, and no preroll is under way.
    [[nodiscard]] bool is_open() const { return open_.load(); }

    // state changes: start() before the pads are activated, interrupt() before and stop() after
    // they are deactivated. The settings that a run starts with hold for all of it, but for
    // swallow_eos.
    void start();
    void interrupt();
    void stop();
    // after the pads were activated: caps known beforehand are on the source pad from here on, and
    // leave with a GAP event from a thread of GStreamer's, so that a server finds the track
    // prepared without a packet.
    void preroll();

    // streaming thread
    GstFlowReturn chain(Ref<GstBuffer> buffer);
    GstFlowReturn chain_list(Ref<GstBufferList> list);
    void stream_started();
    void set_input_caps(GstCaps* caps);
    void sender_report(const rtp::SenderReport& report) { camera_clock_.report(report); }
    void end_of_stream();
    void flushed();

  private:
    static constexpr unsigned kMainAfter = 50;

    struct Format {
        rtp::Codec codec = rtp::Codec::Unknown;
        std::string encoding;
        std::uint32_t clock_rate = 90000;
        std::optional<std::uint8_t> payload_type;
    };
    struct Preroll;
    enum class Verdict { Malformed, Kept, EndsGroup };

    void apply_format(GstCaps* caps);
    [[nodiscard]] std::array<Ref<GstEvent>, 3> sticky_events(GstCaps* caps) const;
    void push_sticky_events(GstCaps* caps);
    void run_preroll(const Preroll& preroll);
    void keep_early(Ref<GstBuffer> buffer, std::uint64_t now);
    void pass_early(std::uint64_t now);
    void pass(Ref<GstBuffer> buffer, std::uint64_t now);
    void pass_list(Ref<GstBufferList> list, std::uint64_t now);
    [[nodiscard]] Verdict rewrite(GstBuffer* buffer, std::uint64_t now);
    [[nodiscard]] Verdict rewrite(std::span<std::uint8_t> bytes, std::uint64_t now);
    [[nodiscard]] Verdict rewrite_frames(std::span<std::uint8_t> frames, std::uint64_t now);
    [[nodiscard]] Verdict malformed();
    [[nodiscard]] bool group(const rtp::FrameRun& run, bool framed, std::uint64_t now);
    [[nodiscard]] bool is_main(std::uint8_t payload_type) const {
        return !main_type_ || payload_type == *main_type_;
    }
    template <class Function>
    static void for_each_packet(std::span<const std::uint8_t> bytes, Function&& function) {
        if (!rtp::is_framed(bytes)) {
            if (const auto packet = rtp::PacketView::parse(bytes))
                function(*packet);
            return;
        }
        rtp::for_each_frame(bytes, [&](std::span<const std::uint8_t> frame) {
            if (const auto packet = rtp::PacketView::parse(frame.subspan(rtp::kFrameHeaderSize)))
                function(*packet);
        });
    }
    void note_type(std::uint8_t payload_type);
    void learn_types(const GstStructure* input);
    void await_key_frame();
    void readdress(std::span<std::uint8_t> bytes, const rtp::PacketView& packet, std::uint64_t now);
    void collect();
    void push_pending(std::uint64_t now);
    void send(Ref<GstBufferList> list);
    void arrived(std::uint64_t now);
    void post(const char* news); // an element message on the bus
    void publish_next();
    void publish_clock();

    GstElement* const element_; // the element that this is a part of
    GstPad* const source_pad_;  // lives as long as the element
    Guarded<RelayPaySettings> settings_;

    RelayPaySettings run_settings_; // of this run; written before the pads are activated

    // streaming thread
    rtp::Continuity continuity_{rtp::Continuity::Start{}};
    rtp::Continuity group_start_{rtp::Continuity::Start{}}; // as it was before the pending group
    rtp::AccessUnitGrouper grouper_{false, 0};
    rtp::CameraClock camera_clock_;
    Format format_;
    std::optional<std::uint8_t> main_type_;    // of what comes; empty: that of the next packet
    std::optional<std::uint8_t> renamed_type_; // what leaves with the payload type of the format
    bool rename_main_ = false;                 // once it is known
    std::uint8_t other_type_ = 0;              // that came last
    bool main_seen_ = false;
    unsigned others_ = 0;                      // packets of it in a row
    Ref<GstBufferList> incoming_;              // the list that is worked on
    guint incoming_rewritten_ = 0; // of its buffers, from the first on; they belong to the group
    Ref<GstBufferList> pending_;
    guint pending_length_ = 0; // packets; the incoming list's share included, as below
    std::uint64_t pending_bytes_ = 0;
    bool pending_has_key_ = false;
    bool pending_has_picture_ = false;
    bool pending_framed_ = false;
    KeyFrameGate gate_;
    EarlyPackets<Ref<GstBuffer>> early_;
    bool expect_first_packet_ = true; // a message tells when a source begins to flow

    // shared with other threads
    Guarded<guint> run_{0U}; // number of the run, so that a preroll of another one opens nothing
    std::atomic<bool> open_{false};                   // packets may be pushed
    Guarded<std::optional<rtp::ClockMapping>> clock_; // the back end's, for outgoing timestamps
    std::atomic<std::uint16_t> next_sequence_{0};
    std::atomic<std::uint32_t> next_timestamp_{0};
    std::atomic<std::uint32_t> ssrc_{0}, clock_rate_{0};
    std::atomic<std::uint8_t> payload_type_{96};
    std::atomic<guint64> packets_{0}, bytes_{0}, access_units_{0}, last_arrival_us_{0};
    std::atomic<guint64> dropped_malformed_{0}, dropped_preroll_{0}, dropped_waiting_{0},
        dropped_flow_{0};
    std::atomic<guint64> sources_{0}, discontinuities_{0};
};

} // namespace rtspproxy::relay
