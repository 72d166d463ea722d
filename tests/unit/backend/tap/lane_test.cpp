#include "app/backend/tap/lane.hpp"

#include "tests/unit/backend/tap/wire.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rtspproxy::backend::tests {
namespace {

constexpr std::uint64_t kMillisecond = 1'000'000;

class LaneTest : public ::testing::Test {
  protected:
    std::optional<Lane::Packet> next(const Rtp& fields, std::uint64_t now = 0) {
        const Bytes bytes = rtp_packet(fields);
        return lane_.sample(Lane::Packet::read(bytes), now);
    }
    // The sequence numbers of the samples of packets `first` to `last`.
    std::vector<unsigned> run(unsigned first, unsigned last) {
        std::vector<unsigned> samples;
        for (unsigned sequence = first; sequence <= last; ++sequence)
            if (const auto sample = next({.sequence = static_cast<std::uint16_t>(sequence)}))
                samples.push_back(sample->sequence);
        return samples;
    }

    Lane lane_;
};

TEST_F(LaneTest, TheFirstFewAreSamples) {
    EXPECT_EQ(run(65534, 65537), (std::vector<unsigned>{65534, 65535, 0, 1}));
    EXPECT_TRUE(run(65538, 65538 + 254).empty());
}

TEST_F(LaneTest, ThenOneIn256WithTheNextNumber) {
    run(100, 103);
    std::uint16_t expected = 104;
    for (unsigned sequence = 104; sequence < 104 + 1024; ++sequence) {
        const auto sample = next({.sequence = static_cast<std::uint16_t>(sequence)});
        ASSERT_EQ(sample.has_value(), (sequence - 103) % 256 == 0) << sequence;
        if (sample) {
            ASSERT_EQ(sample->sequence, expected++);
        }
    }
    EXPECT_EQ(expected, 108);
}

TEST_F(LaneTest, ATrackWithFewPacketsIsSampledOnceASecond) {
    run(1, 4);
    unsigned samples = 0;
    for (unsigned i = 1; i <= 100; ++i)
        samples +=
            next({.sequence = static_cast<std::uint16_t>(4 + i)}, i * 100 * kMillisecond) ? 1U : 0U;
    EXPECT_NEAR(samples, 10, 1);
}

TEST_F(LaneTest, SamplesShowTheShareOfLosses) {
    run(0, 3);
    std::uint16_t last = 0;
    unsigned samples = 0;
    unsigned sequence = 3;
    for (unsigned i = 0; i < 256 * 100; ++i) {
        sequence += 1;
        if (i % 10 == 9) { // one in eleven
            sequence += 1;
            lane_.lost(1);
        }
        if (const auto sample = next({.sequence = static_cast<std::uint16_t>(sequence)})) {
            ++samples;
            last = sample->sequence;
        }
    }
    EXPECT_EQ(samples, 100U);
    EXPECT_NEAR(last, 113, 1);
}

TEST_F(LaneTest, AllSamplesAreOfOneSourceAndOnePayloadType) {
    lane_.set_payload_type(96);
    auto sample = next({.sequence = 10, .payload_type = 50});
    ASSERT_TRUE(sample);
    EXPECT_EQ(sample->ssrc, 0x1234U);
    EXPECT_EQ(sample->payload_type, 96);
    sample = next({.sequence = 5000, .ssrc = 0x9999, .payload_type = 97});
    ASSERT_TRUE(sample);
    EXPECT_EQ(sample->ssrc, 0x1234U);
    EXPECT_EQ(sample->payload_type, 96);
    EXPECT_EQ(sample->sequence, 11);
}

TEST_F(LaneTest, WithoutACapsPayloadTypeItIsTheFirstOnes) {
    EXPECT_EQ(next({.payload_type = 97})->payload_type, 97);
    EXPECT_EQ(next({.payload_type = 98})->payload_type, 97);
}

TEST(LanePacket, WritesWhatItReads) {
    Bytes bytes = rtp_packet({.sequence = 1, .marker = true});
    Lane::Packet{0x99, 7, 101}.write(bytes);
    EXPECT_EQ(bytes,
              rtp_packet({.sequence = 7, .ssrc = 0x99, .payload_type = 101, .marker = true}));
}

} // namespace
} // namespace rtspproxy::backend::tests
