// Stand-ins for the pads that packets go to.
#pragma once

#include "app/backend/tap/feed.hpp"
#include "plugins/rtp/frames.hpp"
#include "plugins/support/ref.hpp"
#include "tests/unit/backend/tap/wire.hpp"

#include <gst/gst.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <span>
#include <tuple>
#include <vector>

namespace rtspproxy::backend::tests {

// What a payloader's sink pad got.
struct Payloader {
    // `started`: nobody will send it the events that precede packets.
    explicit Payloader(bool started = true)
        : pad(Ref<GstPad>::sink(gst_pad_new("sink", GST_PAD_SINK))) {
        gst_pad_set_element_private(pad.get(), this);
        gst_pad_set_chain_list_function(
            pad.get(), [](GstPad* self, GstObject*, GstBufferList* owned) {
                const auto list = Ref<GstBufferList>::adopt(owned);
                static_cast<Payloader*>(gst_pad_get_element_private(self))->take(list.get());
                return GST_FLOW_OK;
            });
        gst_pad_set_active(pad.get(), TRUE);
        if (!started)
            return;
        gst_pad_send_event(pad.get(), gst_event_new_stream_start("test"));
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        gst_pad_send_event(pad.get(), gst_event_new_segment(&segment));
    }
    void take(GstBufferList* list) {
        ++lists;
        for (guint i = 0; i < gst_buffer_list_length(list); ++i) {
            GstBuffer* buffer = gst_buffer_list_get(list, i);
            writable = writable && gst_buffer_is_writable(buffer) &&
                       gst_buffer_is_all_memory_writable(buffer);
            Bytes bytes(gst_buffer_get_size(buffer));
            gst_buffer_extract(buffer, 0, bytes.data(), bytes.size());
            if (rtp::is_framed(bytes))
                take_frames(bytes);
            else
                take(bytes);
            if (keep)
                kept.push_back(Ref<GstBuffer>::share(buffer));
        }
    }
    void take(std::span<const std::uint8_t> packet) {
        sequences.push_back(rtp::read_u16(packet, 2));
        packets.emplace_back(packet.begin(), packet.end());
    }
    void take_frames(std::span<const std::uint8_t> frames) {
        const std::size_t before = packets.size();
        EXPECT_TRUE(rtp::for_each_frame(frames, [this](std::span<const std::uint8_t> frame) {
            take(frame.subspan(rtp::kFrameHeaderSize));
        }));
        runs.push_back(packets.size() - before);
    }

    Ref<GstPad> pad;
    std::vector<Bytes> packets;
    std::vector<unsigned> sequences;
    std::vector<std::size_t> runs; // packets of each buffer of frames
    std::vector<Ref<GstBuffer>> kept;
    bool keep = false;
    bool writable = true;
    unsigned lists = 0;
};

// What the entrance of the track's session does with the packet that rtspsrc has in its hands; the
// samples that rtspsrc gets first are behind it then.
inline void attach_what_is_in_hand(const std::shared_ptr<Ledger>& ledger, Payloader& payloader,
                                   std::uint64_t now) {
    const auto hand = Feed::in_hand(ledger);
    if (!hand.feed || hand.feed->attached())
        return;
    hand.feed->attach(std::make_shared<TrackOutlet>(payloader.pad, std::make_shared<TrackLedger>(),
                                                    std::function<void()>()),
                      nullptr);
    for (unsigned i = 0; i < Lane::kFirst; ++i)
        std::ignore = hand.feed->sample({0x1234, static_cast<std::uint16_t>(i), 96}, now);
}

// Where rtspsrc takes packets in, one by one.
struct Through {
    // `started`: nobody will send it the events that precede packets.
    explicit Through(bool started = true)
        : pad(Ref<GstPad>::sink(gst_pad_new("sink", GST_PAD_SINK))) {
        gst_pad_set_element_private(pad.get(), this);
        gst_pad_set_chain_function(pad.get(), [](GstPad* self, GstObject*, GstBuffer* owned) {
            const auto buffer = Ref<GstBuffer>::adopt(owned);
            auto& through = *static_cast<Through*>(gst_pad_get_element_private(self));
            Bytes bytes(gst_buffer_get_size(owned));
            gst_buffer_extract(owned, 0, bytes.data(), bytes.size());
            through.packets.push_back(std::move(bytes));
            if (through.on_packet)
                through.on_packet();
            return through.answer;
        });
        gst_pad_set_active(pad.get(), TRUE);
        if (!started)
            return;
        gst_pad_send_event(pad.get(), gst_event_new_stream_start("test"));
        GstSegment segment;
        gst_segment_init(&segment, GST_FORMAT_TIME);
        gst_pad_send_event(pad.get(), gst_event_new_segment(&segment));
    }
    [[nodiscard]] std::vector<unsigned> sequences() const {
        std::vector<unsigned> all;
        for (const Bytes& packet : packets)
            all.push_back(rtp::read_u16(packet, 2));
        return all;
    }

    Ref<GstPad> pad;
    std::vector<Bytes> packets;
    std::function<void()> on_packet;
    GstFlowReturn answer = GST_FLOW_OK;
};

} // namespace rtspproxy::backend::tests
