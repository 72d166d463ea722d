// rtprelaypay in a harness.
#pragma once

#include "plugins/rtp/frames.hpp"
#include "tests/element/relay/element_fixture.hpp"

#include <string>
#include <vector>

namespace rtspproxy::tests {

// As rtspsrc gives them: what describes the packets, and what belongs to one session only.
inline constexpr const char* kH264Caps =
    "application/x-rtp, media=(string)video, payload=(int)96, clock-rate=(int)90000, "
    "encoding-name=(string)H264, packetization-mode=(string)1";
inline constexpr const char* kAudioCaps =
    "application/x-rtp, media=(string)audio, payload=(int)8, clock-rate=(int)8000, "
    "encoding-name=(string)PCMA";
inline constexpr const char* kUnknownCaps =
    "application/x-rtp, media=(string)video, payload=(int)100, clock-rate=(int)90000, "
    "encoding-name=(string)X-PRIVATE";

// How GStreamer writes that there are none.
inline constexpr const char* kNoCaps = "\"NULL\"";

class PayTest : public ElementTest {
  protected:
    PayTest() : ElementTest("rtprelaypay") {}

    // An access unit of so many packets, the first with this payload, the last with the marker.
    // Sequence numbers go on from the unit before.
    void push_unit(std::uint32_t timestamp, int packets = 1, const Bytes& payload = kSlice) {
        for (int i = 1; i <= packets; ++i)
            EXPECT_EQ(push(Packet{sequence_++, timestamp, i == packets, i == 1 ? payload : kSlice}),
                      GST_FLOW_OK);
    }
    // The packets as one buffer of frames.
    static Bytes framed(const std::vector<Packet>& packets) {
        Bytes all;
        for (const Packet& packet : packets) {
            const Bytes bytes = bytes_of(packet);
            Bytes header(rtp::kFrameHeaderSize);
            rtp::write_frame_header(header, 6, bytes.size());
            all.insert(all.end(), header.begin(), header.end());
            all.insert(all.end(), bytes.begin(), bytes.end());
        }
        return all;
    }
    static std::vector<std::uint16_t> sequences(const std::vector<Packet>& packets) {
        std::vector<std::uint16_t> all;
        for (const Packet& packet : packets)
            all.push_back(packet.sequence);
        return all;
    }
    std::vector<std::uint16_t> take_sequences() { return sequences(take()); }
    // The caps that were pushed last, as text.
    std::string output_caps() {
        const auto event = last_event(GST_EVENT_CAPS);
        if (!event)
            return "none";
        GstCaps* caps = nullptr;
        gst_event_parse_caps(event.get(), &caps);
        const GCharPtr text(gst_caps_to_string(caps));
        return text.get();
    }
    // Waits until the preroll is over, and takes all that has come out by then.
    [[nodiscard]] bool wait_until_open() {
        const bool open = eventually([this] {
            push_unit(0);
            return !take().empty();
        });
        take_events();
        return open;
    }

    std::uint16_t sequence_ = 100;
};

using Sequences = std::vector<std::uint16_t>;
using Names = std::vector<std::string>;

} // namespace rtspproxy::tests
