// A tap's packets: which are one buffer, and where they lie.
#include "tests/unit/backend/tap/tap_fixture.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace rtspproxy::backend::tests {
namespace {

using ::testing::ElementsAre;

class TapRunsTest : public TapTest {
  protected:
    void send_unit(std::uint32_t unit, int packets) {
        Bytes bytes;
        for (int i = 1; i <= packets; ++i)
            bytes = bytes + frame(0, rtp_packet({.sequence = ++sequence_,
                                                 .payload = 1400,
                                                 .timestamp = unit * 3600,
                                                 .marker = i == packets}));
        send(bytes);
        read_all();
    }

  private:
    std::uint16_t sequence_ = 0;
};

// One buffer for the packets of an access unit that lie behind each other.
TEST_F(TapRunsTest, RunsAreOfOneAccessUnitAndOfOneTrack) {
    claim();
    establish(0, 0, video_);
    establish(2, 500, audio_);
    const auto video = [](std::uint16_t sequence, std::uint32_t timestamp, bool marker) {
        return frame(0,
                     rtp_packet({.sequence = sequence, .timestamp = timestamp, .marker = marker}));
    };
    send(video(1, 9000, false) + video(2, 9000, false) + video(3, 9000, true) + // with its marker
         video(4, 18000, false) + video(5, 18000, false) +                      // without
         video(6, 27000, false) + frame(2, rtp_packet({.sequence = 501})) +     // interrupted
         video(7, 27000, true) + kResponse + video(8, 36000, false));
    read_all();
    EXPECT_THAT(video_.sequences, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
    EXPECT_THAT(video_.runs, ElementsAre(3, 2, 1, 1, 1));
    EXPECT_EQ(video_.lists, 1U);
    EXPECT_TRUE(video_.writable);
    EXPECT_THAT(audio_.sequences, ElementsAre(501));
}

// They are cached where they were read to, so that one in two pieces would have to be copied.
TEST_F(TapRunsTest, AccessUnitsOfOneSizeAreNotCutInTwo) {
    claim();
    establish(0, 0, video_);
    video_.keep = true;
    for (std::uint32_t unit = 0; unit < 3; ++unit)
        send_unit(unit, 8); // from here on their size is known
    video_.runs.clear();
    for (std::uint32_t unit = 3; unit < 100; ++unit)
        send_unit(unit, 8);
    EXPECT_THAT(video_.runs, ::testing::Each(8U));
    // A key frame is longer, may be cut itself, and changes nothing for what follows.
    send_unit(100, 80);
    video_.runs.clear();
    for (std::uint32_t unit = 101; unit < 150; ++unit)
        send_unit(unit, 8);
    EXPECT_THAT(video_.runs, ::testing::Each(8U));
    EXPECT_EQ(video_.packets.size(), 100U * 8 + 80 + 49 * 8);
    for (const auto& kept : video_.kept) {
        gsize maximal = 0;
        gst_memory_get_sizes(gst_buffer_peek_memory(kept.get(), 0), nullptr, &maximal);
        EXPECT_LE(maximal, 8 * 11'328U); // of which each keeps an eighth alive itself
    }
}

// Many bursts are of sound, and short.
TEST_F(TapRunsTest, NeitherAreThoseWithSoundBetweenThem) {
    claim();
    establish(0, 0, video_);
    establish(2, 0, audio_);
    video_.keep = true;
    std::uint16_t sound = 0;
    for (std::uint32_t unit = 0; unit < 100; ++unit) {
        send_unit(unit, 40);
        for (int i = 0; i < 4; ++i) {
            send(frame(2, rtp_packet({.sequence = ++sound, .payload = 160, .marker = true})));
            read_all();
        }
        if (unit == 3)
            video_.runs.clear();
    }
    EXPECT_THAT(video_.runs, ::testing::Each(40U));
}

// Whole ones before one that is cut, where the chunk ends.
TEST_F(TapRunsTest, WhatIsReadAtOnceMayBeOfAnySize) {
    claim();
    establish(0, 0, video_);
    video_.keep = true;
    std::vector<Bytes> expected;
    Bytes bytes;
    std::thread reader([this] {
        Bytes out(10000);
        while (read(out, true) > 0)
            continue;
    });
    for (std::uint16_t i = 1; i <= 400; ++i) {
        expected.push_back(rtp_packet({.sequence = i,
                                       .payload = std::size_t{i} * 7919 % 3000,
                                       .timestamp = i / 5U,
                                       .marker = i % 5 == 4}));
        bytes = bytes + frame(0, expected.back());
    }
    send(bytes);
    camera_ = FileDescriptor();
    reader.join();
    EXPECT_EQ(video_.packets, expected);
    Bytes kept;
    for (const auto& buffer : video_.kept) {
        Bytes part(gst_buffer_get_size(buffer.get()));
        gst_buffer_extract(buffer.get(), 0, part.data(), part.size());
        kept = kept + part;
    }
    EXPECT_EQ(kept, bytes);
}

} // namespace
} // namespace rtspproxy::backend::tests
