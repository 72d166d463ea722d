// RTP packets of a back end: whatever comes, nothing beyond it is read, and what is read is right.
#include "plugins/rtp/frames.hpp"
#include "plugins/rtp/key_frame.hpp"
#include "plugins/rtp/packet.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <span>
#include <vector>

using namespace rtspproxy::rtp;

namespace {

// In memory of its own, so that the address sanitizer sees every byte read beyond it.
using Bytes = std::vector<std::uint8_t>;

void check_packet(const Bytes& bytes) {
    const auto packet = PacketView::parse(bytes);
    if (!packet)
        return;
    FUZZ_CHECK(bytes.size() >= kFixedHeaderSize);
    FUZZ_CHECK(bytes[0] >> 6 == 2);
    const auto payload = packet->payload();
    FUZZ_CHECK(payload.size() <= bytes.size() - kFixedHeaderSize);
    FUZZ_CHECK(payload.data() + payload.size() == bytes.data() + bytes.size());
    FUZZ_CHECK(packet->marker() == (bytes[1] >= 0x80));
    // The fields that the relay writes are the ones that it reads, and no others.
    Bytes rewritten = bytes;
    write_u16(rewritten, 2, 0x1234);
    write_u32(rewritten, 4, 0x56789abc);
    write_u32(rewritten, 8, 0xdef01234);
    const auto again = PacketView::parse(rewritten);
    FUZZ_CHECK(again.has_value());
    FUZZ_CHECK(again->sequence() == 0x1234 && again->timestamp() == 0x56789abc);
    FUZZ_CHECK(again->ssrc() == 0xdef01234 && again->payload().size() == payload.size());
    FUZZ_CHECK(again->payload_type() == packet->payload_type());
}

void check_key_frames(const Bytes& payload) {
    FUZZ_CHECK(!starts_key_frame(Codec::Unknown, payload));
    FUZZ_CHECK(starts_key_frame(Codec::EveryFrame, payload));
    FUZZ_CHECK(carries_picture(Codec::Unknown, payload));
    for (const Codec codec : {Codec::H264, Codec::H265, Codec::H265Numbered}) {
        const bool whole = starts_key_frame(codec, payload);
        // What begins with the start of a key frame is the start of one.
        const Bytes half(payload.begin(),
                         payload.begin() + static_cast<std::ptrdiff_t>(payload.size() / 2));
        FUZZ_CHECK(whole || !starts_key_frame(codec, half));
        FUZZ_CHECK(!whole || !payload.empty());
        FUZZ_CHECK(carries_picture(codec, payload) || !carries_picture(codec, half));
    }
}

void check_frames(const Bytes& bytes) {
    std::size_t visited = 0;
    std::size_t packets = 0;
    const bool whole = for_each_frame(std::span(bytes), [&](std::span<const std::uint8_t> frame) {
        FUZZ_CHECK(frame.data() == bytes.data() + visited);
        visited += frame.size();
        packets += PacketView::parse(frame.subspan(kFrameHeaderSize)) ? 1 : 0;
    });
    FUZZ_CHECK(whole == (visited == bytes.size()));
    const auto run = FrameRun::parse(bytes);
    FUZZ_CHECK(!run || (whole && run->packets == packets && is_framed(bytes)));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes(data, data + size);
    check_packet(bytes);
    check_key_frames(bytes);
    check_frames(bytes);
    if (const auto packet = PacketView::parse(bytes))
        check_key_frames(Bytes(packet->payload().begin(), packet->payload().end()));
    return 0;
}
